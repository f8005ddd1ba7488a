package policyfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yaml reads YAML: a CloudFormation template, or a document.
func (f *file) yaml() error {
	root, err := yamlTree(f.text)
	if err != nil {
		return f.yamlError(err)
	}
	switch {
	case root.get("Resources") != nil:
		return f.template(root)
	case root.get("Statement") != nil:
		return f.derived(root, "")
	}
	return fmt.Errorf("%s:1: neither JSON nor a CloudFormation template: give the document as IAM has it", f.name)
}

// syntaxError is an error of the parser. Its type is exported by the library's
// root package only, which would link all of the library.
type syntaxError interface {
	error
	GetMessage() string
	GetToken() *token.Token
}

// yamlError adds the line to an error. The file may have been meant as JSON.
func (f *file) yamlError(err error) error {
	line := 1
	var syntax syntaxError
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		line = syntax.GetToken().Position.Line
		err = errors.New(syntax.GetMessage())
	}
	return fmt.Errorf("%s:%d: neither JSON nor YAML: %w", f.name, line, err)
}

// maxDepth bounds the nesting of YAML, where an alias may contain itself.
const maxDepth = 200

// errDeep is the error for YAML that is nested deeper than maxDepth.
var errDeep = fmt.Errorf("nested deeper than %d", maxDepth)

// yamlTree parses the first document of a text.
func yamlTree(text []byte) (t *tree, err error) {
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, err
	}
	y := &yamlReader{anchors: make(map[string]ast.Node)}
	for _, document := range parsed.Docs {
		if document.Body != nil {
			t = y.tree(document.Body, 0)
			return t, y.err
		}
	}
	return nil, errors.New("the file is empty")
}

// yamlReader makes trees of nodes, following aliases.
type yamlReader struct {
	anchors map[string]ast.Node
	nodes   int
	err     error
}

func (y *yamlReader) tree(n ast.Node, depth int) *tree {
	if y.nodes++; depth > maxDepth || y.nodes > 1<<20 {
		y.err = errDeep
	}
	if n == nil || y.err != nil {
		return &tree{}
	}
	t := &tree{line: n.GetToken().Position.Line}
	switch n := n.(type) {
	case *ast.MappingNode:
		t.kind = objectTree
		if len(n.Values) > 0 {
			t.line = n.Values[0].Key.GetToken().Position.Line
		}
		for _, merged := range []bool{false, true} { // what is written goes before what is merged in
			for _, m := range n.Values {
				if _, merges := m.Key.(*ast.MergeKeyNode); merges == merged {
					y.member(t, m, depth)
				}
			}
		}
	case *ast.MappingValueNode:
		t.kind, t.line = objectTree, n.Key.GetToken().Position.Line
		y.member(t, n, depth)
	case *ast.SequenceNode:
		t.kind = listTree
		for _, item := range n.Values {
			t.items = append(t.items, y.tree(item, depth+1))
		}
	case *ast.AnchorNode:
		y.anchors[n.Name.GetToken().Value] = n.Value
		return y.tree(n.Value, depth+1)
	case *ast.AliasNode:
		return y.tree(y.anchors[n.Value.GetToken().Value], depth+1)
	case *ast.TagNode:
		return y.tagged(n, depth)
	case *ast.NullNode:
	case *ast.LiteralNode:
		t.kind, t.text = scalarTree, n.Value.Value
	case *ast.StringNode:
		t.kind, t.text = scalarTree, n.Value
	default:
		t.kind, t.text = scalarTree, n.GetToken().Value
	}
	return t
}

func (y *yamlReader) member(t *tree, m *ast.MappingValueNode, depth int) {
	value := y.tree(m.Value, depth+1)
	if _, merges := m.Key.(*ast.MergeKeyNode); merges {
		for _, more := range value.members {
			if t.get(more.name) == nil {
				t.members = append(t.members, more)
			}
		}
		return
	}
	name := m.Key.GetToken().Value
	if text, ok := m.Key.(*ast.StringNode); ok {
		name = text.Value
	}
	t.members = append(t.members, treeMember{name, m.Key.GetToken().Position.Line, value})
}

// tagged turns the short form of an intrinsic function into the long one: !Ref
// X is {"Ref": "X"}, !Sub X is {"Fn::Sub": "X"}.
func (y *yamlReader) tagged(n *ast.TagNode, depth int) *tree {
	value := y.tree(n.Value, depth+1)
	name := strings.TrimPrefix(n.Start.Value, "!")
	switch {
	case strings.HasPrefix(n.Start.Value, "!!"): // YAML's own types
		return value
	case name != "Ref" && name != "Condition":
		name = "Fn::" + name
	}
	line := n.Start.Position.Line
	return &tree{kind: objectTree, line: line, members: []treeMember{{name, line, value}}}
}
