package codecommit

import "strings"

// regions are the regions with CodeCommit (botocore endpoints.json 1.43, and the
// user guide's "Regions and Git connection endpoints"). No region is refused
// because it is not in the list: AWS adds regions (git-remote-codecommit #33).
const regions = " af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1" +
	" ap-southeast-2 ap-southeast-3 ca-central-1 eu-central-1 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3" +
	" il-central-1 me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2" +
	" cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 "

// KnownRegion reports whether a region had CodeCommit when this program was
// released.
func KnownRegion(region string) bool { return strings.Contains(regions, " "+region+" ") }
