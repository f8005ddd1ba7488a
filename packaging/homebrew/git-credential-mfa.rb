# Made for each release: https://github.com/git-credential-mfa/git-credential-mfa/blob/main/docs/releasing.md
class GitCredentialMfa < Formula
  desc "Clone from AWS CodeCommit with MFA"
  homepage "https://github.com/git-credential-mfa/git-credential-mfa"
  version "@version@"
  license "MIT"

  on_macos do
    on_arm do
      url "@url@/git-credential-mfa_@version@_darwin_arm64.tar.gz"
      sha256 "@sha256 git-credential-mfa_@version@_darwin_arm64.tar.gz@"
    end
    on_intel do
      url "@url@/git-credential-mfa_@version@_darwin_amd64.tar.gz"
      sha256 "@sha256 git-credential-mfa_@version@_darwin_amd64.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@url@/git-credential-mfa_@version@_linux_arm64.tar.gz"
      sha256 "@sha256 git-credential-mfa_@version@_linux_arm64.tar.gz@"
    end
    on_intel do
      url "@url@/git-credential-mfa_@version@_linux_amd64.tar.gz"
      sha256 "@sha256 git-credential-mfa_@version@_linux_amd64.tar.gz@"
    end
  end

  def install
    bin.install "git-credential-mfa"
    man1.install "git-credential-mfa.1"
    bash_completion.install "completions/git-credential-mfa.bash" => "git-credential-mfa"
    zsh_completion.install "completions/_git-credential-mfa"
    fish_completion.install "completions/git-credential-mfa.fish"
  end

  def caveats
    <<~TEXT
      To make git use it for CodeCommit:
        git-credential-mfa configure
    TEXT
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/git-credential-mfa version").split.last
  end
end
