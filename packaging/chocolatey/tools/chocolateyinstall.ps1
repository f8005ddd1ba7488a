$ErrorActionPreference = 'Stop'
# Chocolatey knows 32 and 64 bits only; Windows on ARM says its own name.
$arm = $env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_ARCHITEW6432 -eq 'ARM64'
if ($arm) {
  $url = '@url@/git-credential-mfa_@version@_windows_arm64.zip'
  $checksum = '@sha256 git-credential-mfa_@version@_windows_arm64.zip@'
} else {
  $url = '@url@/git-credential-mfa_@version@_windows_amd64.zip'
  $checksum = '@sha256 git-credential-mfa_@version@_windows_amd64.zip@'
}
# Chocolatey makes a shim, which is in PATH, for each .exe that it finds here.
Install-ChocolateyZipPackage -PackageName $env:ChocolateyPackageName `
  -UnzipLocation (Split-Path -Parent $MyInvocation.MyCommand.Definition) `
  -Url64bit $url -Checksum64 $checksum -ChecksumType64 'sha256'
