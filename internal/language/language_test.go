package language

import "testing"

func TestOf(t *testing.T) {
	for _, c := range []struct {
		all, messages, lang string
		want                Language
		ok                  bool
	}{
		{"", "", "", English, false},
		{"", "", "ja_JP.UTF-8", Japanese, true},
		{"", "", "ja", Japanese, true},
		{"", "", "ja_JP.utf8@modifier", Japanese, true},
		{"", "", "ja_JP.eucJP", English, true},
		{"", "ja_JP.UTF-8", "en_US.UTF-8", Japanese, true},
		{"C.UTF-8", "ja_JP.UTF-8", "ja_JP.UTF-8", English, true},
		{"ja-JP", "", "C", Japanese, true},
		{"", "", "jam_JM.UTF-8", English, true},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		got, ok := Of(func(name string) string { return env[name] })
		if got != c.want || ok != c.ok {
			t.Errorf("%+v: %v, %v", c, got, ok)
		}
	}
	if OfTags([]string{"ja-JP", "en-US"}) != Japanese || OfTags([]string{"en-US", "ja-JP"}) != English || OfTags(nil) != English {
		t.Error("a list of tags")
	}
}

func TestIn(t *testing.T) {
	text := Text{"yes", "はい"}
	if text.In(English) != "yes" || text.In(Japanese) != "はい" || text.Empty() || !(Text{}).Empty() {
		t.Error(text)
	}
}

func TestFormat(t *testing.T) {
	text := Text{"%s of %s", "%[2]s の %[1]s"}.Format("key", "work")
	if text != (Text{"key of work", "work の key"}) {
		t.Error(text)
	}
}
