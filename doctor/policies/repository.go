package policies

import (
	"cmp"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// Repository is what git asks for. An empty field is not known.
type Repository struct {
	Region, Account, Name string
}

// The placeholders. The account is the one of AWS's own examples.
const (
	PlaceholderRegion  = "us-east-1"
	placeholderAccount = "123456789012"
	PlaceholderName    = "demo"
)

func (r Repository) region() string  { return cmp.Or(r.Region, PlaceholderRegion) }
func (r Repository) account() string { return cmp.Or(r.Account, placeholderAccount) }
func (r Repository) name() string    { return cmp.Or(r.Name, PlaceholderName) }

// arn returns an ARN of the account, with a placeholder for an unknown account.
func (r Repository) arn(service, region, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", codecommit.Partition(r.region()), service, region, r.account(), name)
}

// partARN is arn with policy.Unspecified for an unknown account. The partition
// is always known, as the region in git's URL belongs to one.
func (r Repository) partARN(service, region, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", codecommit.Partition(r.region()), service, region, part(r.Account), name) // mutation: a placeholder is nothing known
}

// placeholders returns the options that would replace placeholders.
func (r Repository) placeholders() []string {
	var options []string
	for _, o := range []struct{ value, option string }{{r.Region, "--region"}, {r.Account, "--account"}, {r.Name, "--repo"}} {
		if o.value == "" {
			options = append(options, o.option)
		}
	}
	return options
}
