// Command floor reads one session from the Secret Service and does nothing
// else. That is the least that a cached answer can cost.
//
//	floor SOURCE SERIAL
package main

import (
	"context"
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

func main() {
	store, err := cache.Open(context.Background(), cache.Options{})
	if err == nil {
		_, err = store.Session(cache.Identity{Partition: "aws", Source: os.Args[1], Serial: os.Args[2]})
	}
	if err != nil {
		panic(err)
	}
}
