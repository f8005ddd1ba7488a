package awsfile

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// BenchmarkRead: the AWS files are read for every answer to git; the SDK's
// loader is the measure.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	env := map[string]string{"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials")}
	for name, text := range map[string]string{"config": "[default]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n", "credentials": "[default]\n" + keys} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := Read(context.Background(), func(name string) string { return env[name] })
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Profile("default"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("SDK", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := config.LoadSharedConfigProfile(context.Background(), "default", func(o *config.LoadSharedConfigOptions) {
				o.ConfigFiles, o.CredentialsFiles = []string{env["AWS_CONFIG_FILE"]}, []string{env["AWS_SHARED_CREDENTIALS_FILE"]}
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
