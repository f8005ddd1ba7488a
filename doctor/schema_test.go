package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestSchema holds the JSON against docs/doctor.schema.json, by hand: every key
// is described, every described key is there, and the values are of the types
// and enumerations that are given.
func TestSchema(t *testing.T) {
	schema := readSchema(t, "../docs/doctor.schema.json")
	for _, v := range verdicts {
		c := open("testdata/" + v.file + ".json")
		if v.change != nil {
			v.change(c)
		}
		var out bytes.Buffer
		if err := Examine(c).JSON(&out); err != nil {
			t.Fatal(err)
		}
		var report any
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range (&conformer{root: schema}).check(v.file, schema, report) {
			t.Error(wrong)
		}
	}
	for _, text := range []string{
		`{}`, `[]`, `{"schema": 2, "ok": true, "summary": {}, "checks": [], "decisions": []}`,
		`{"schema": 1, "ok": true, "summary": {"ok": 0, "info": 0, "warning": 0, "error": 0, "skipped": 0.5}, "checks": [], "decisions": []}`,
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if len((&conformer{root: schema}).check("", schema, value)) == 0 {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// readSchema reads a schema.
func readSchema(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// conformer checks the part of JSON Schema that docs/doctor.schema.json uses.
type conformer struct {
	root  map[string]any
	wrong []string
}

func (c *conformer) errorf(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *conformer) check(at string, schema map[string]any, value any) []string {
	if reference, found := schema["$ref"].(string); found {
		definitions, _ := c.root["$defs"].(map[string]any)
		schema, _ = definitions[strings.TrimPrefix(reference, "#/$defs/")].(map[string]any)
	}
	if !ofType(schema["type"], value) {
		c.errorf("%s: %v is no %v", at, value, schema["type"])
		return c.wrong
	}
	if enum, found := schema["enum"].([]any); found && !slices.Contains(enum, value) {
		c.errorf("%s: %v is none of %v", at, value, enum)
	}
	switch value := value.(type) {
	case map[string]any:
		c.object(at, schema, value)
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, item := range value {
			c.check(at+"[]", items, item)
		}
	}
	return c.wrong
}

func (c *conformer) object(at string, schema, object map[string]any) {
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if name, _ := key.(string); object[name] == nil {
			if _, null := object[name]; !null {
				c.errorf("%s: lacks %s", at, name)
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, value := range object {
		property, found := properties[key].(map[string]any)
		if !found {
			c.errorf("%s: %s is not described", at, key)
			continue
		}
		c.check(at+"."+key, property, value)
	}
}

func ofType(name, value any) bool {
	if several, is := name.([]any); is {
		for _, one := range several {
			if ofType(one, value) {
				return true
			}
		}
		return false
	}
	switch value := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "integer" && value == float64(int(value))
	case []any:
		return name == "array"
	}
	return name == "object"
}
