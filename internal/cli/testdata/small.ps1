# PowerShell completion for git-credential-mfa, printed by
# "git-credential-mfa completion powershell". From PowerShell 5.1 on.
Register-ArgumentCompleter -Native -CommandName 'git-credential-mfa', 'git-credential-mfa.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $commands = [ordered]@{
        'doctor' = 'say what''s wrong'
        'completion' = 'print a script that completes words in a shell'
    }
    $flags = @{
        '' = [ordered]@{
            '--profile' = 'AWS profile NAME'
            '--prompt' = 'WAY to ask for the code: auto, tty, askpass, gui, none'
            '--help' = 'explain the program, or one command'
        }
        'doctor' = [ordered]@{
            '--policy' = 'judge FILE'
            '--help' = 'explain the program, or one command'
        }
        'completion' = [ordered]@{
            '--help' = 'explain the program, or one command'
        }
    }
    # Flags that take a value, and the values, where they are known.
    $values = @{
        '--policy' = @()
        '--profile' = @()
        '--prompt' = @('auto', 'tty', 'askpass', 'gui', 'none')
    }
    $arguments = @{
        'completion' = @('bash', 'zsh', 'fish', 'powershell')
    }

    $command = ''
    $flag = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.ToString()
        if ($flag) { $flag = '' }
        elseif ($values.ContainsKey($word)) { $flag = $word }
        elseif (-not $command -and -not $word.StartsWith('-')) { $command = $word }
    }

    $found = [ordered]@{}
    if ($flag -eq '--profile') {
        foreach ($name in @(git-credential-mfa completion profiles)) { $found[$name] = $name }
    } elseif ($flag) {
        foreach ($value in $values[$flag]) { $found[$value] = $value }
    } elseif ($wordToComplete.StartsWith('-')) {
        if ($flags.ContainsKey($command)) { $found = $flags[$command] }
    } elseif (-not $command) {
        $found = $commands
    } elseif ($arguments.ContainsKey($command)) {
        foreach ($value in $arguments[$command]) { $found[$value] = $value }
    }
    foreach ($text in $found.Keys) {
        if ($text.StartsWith($wordToComplete)) {
            $quoted = if ($text -match '[^\w.:/@+=-]') { "'" + $text.Replace("'", "''") + "'" } else { $text }
            [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', $found[$text])
        }
    }
}
