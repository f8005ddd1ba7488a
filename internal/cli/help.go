package cli

// appHelp and commandHelp are the library's templates without what this
// program has not (authors, copyright), and with room for long options. Of a
// command that has no option but --help, that is not worth a word.
const appHelp = `{{.Name}} - {{.Usage}}

usage: {{.UsageText}}

{{.Description}}

{{range .VisibleCategories}}{{if .Name}}{{.Name}}:
{{else}}Commands:
{{end}}{{range .VisibleCommands}}  {{printf "%-19s" .Name}} {{.Usage}}
{{end}}
{{end}}Global options:
{{range .VisibleFlags}}  {{.}}
{{end}}`

const commandHelp = `{{.HelpName}} - {{.Usage}}

usage: {{.HelpName}}{{if gt (len .VisibleFlags) 1}} [options]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}
{{if .Description}}
{{.Description}}
{{end}}{{if gt (len .VisibleFlags) 1}}
Options:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`
