package doctor

import "strings"

// Regions are those that have CodeCommit, in all partitions (botocore,
// endpoints.json). The list only serves to look for a repository and to guess
// what a wrong spelling means: a new region is no error without it.
var Regions = strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1
	eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-north-1 eu-south-1
	ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-south-1 ap-south-2 ap-east-1
	af-south-1 me-south-1 me-central-1 il-central-1
	cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1`)

// spelled finds the region that a wrong spelling means: US_East-1, useast1.
func spelled(text string) string {
	squeeze := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	for _, region := range Regions {
		if squeeze(region) == squeeze(text) {
			return region
		}
	}
	return ""
}
