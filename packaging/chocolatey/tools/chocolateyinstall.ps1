$ErrorActionPreference = 'Stop'
# Chocolatey distinguishes only 32 and 64 bits, so this looks for ARM itself.
$arm = $env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_ARCHITEW6432 -eq 'ARM64'
if ($arm) {
  $url = '@url@/git-credential-mfa_@version@_windows_arm64.zip'
  $checksum = '@sha256 git-credential-mfa_@version@_windows_arm64.zip@'
} else {
  $url = '@url@/git-credential-mfa_@version@_windows_amd64.zip'
  $checksum = '@sha256 git-credential-mfa_@version@_windows_amd64.zip@'
}
# Chocolatey makes a shim in PATH for each .exe in this folder.
Install-ChocolateyZipPackage -PackageName $env:ChocolateyPackageName `
  -UnzipLocation (Split-Path -Parent $MyInvocation.MyCommand.Definition) `
  -Url64bit $url -Checksum64 $checksum -ChecksumType64 'sha256'
