package qrcode

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// screen is a picture of what a terminal shows, with cells of 4 by 8 points.
type screen struct {
	foreground, background color.Gray
}

const cellWidth, cellHeight = 4, 8

func (s screen) picture(t *testing.T, text string) image.Image {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	const margin = 2 // cells of the terminal's own around the code
	columns := 200
	picture := image.NewGray(image.Rect(0, 0, (columns+2*margin)*cellWidth, (len(lines)+2*margin)*cellHeight))
	for i := range picture.Pix {
		picture.Pix[i] = s.background.Y
	}
	for y, line := range lines {
		s.line(t, picture, margin, y+margin, line)
	}
	return picture
}

// line shows one line, and obeys the colours in it.
func (s screen) line(t *testing.T, picture *image.Gray, x, y int, line string) {
	foreground, background := s.foreground, s.background
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			sequence, after, _ := strings.Cut(rest, "m")
			switch sequence {
			case "38;5;16":
				foreground = color.Gray{0}
			case "48;5;231":
				background = color.Gray{255}
			case "0":
				foreground, background = s.foreground, s.background
			default:
				t.Fatalf("unknown sequence %q", sequence)
			}
			line = after
			continue
		}
		r := []rune(line)[0]
		line = line[len(string(r)):]
		for py := range cellHeight {
			ink := r == '█' || r == '#' || r == '▀' && py < cellHeight/2 || r == '▄' && py >= cellHeight/2
			for px := range cellWidth {
				shade := background
				if ink {
					shade = foreground
				}
				picture.SetGray(x*cellWidth+px, y*cellHeight+py, shade)
			}
		}
		if r != ' ' && !strings.ContainsRune("█▀▄#", r) {
			t.Fatalf("unknown character %q", r)
		}
		x++
	}
}

func read(picture image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

var (
	onDark  = screen{foreground: color.Gray{220}, background: color.Gray{20}}
	onLight = screen{foreground: color.Gray{30}, background: color.Gray{250}}
)

// What is drawn is read back by a reader of another's, as it stands on dark and
// on light terminals.
func TestReadBack(t *testing.T) {
	for _, text := range []string{"A", "otpauth://totp/AWS:alice@123456789012?secret=" + strings.Repeat("ABCDEFGH23456723", 4) + "&issuer=AWS",
		strings.Repeat("a longer text, ", 40)} {
		code, err := Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, unicode := range []bool{true, false} {
			for name, c := range map[string]struct {
				style  Style
				screen screen
			}{
				"colours, dark":     {Style{Colour: true}, onDark},
				"colours, light":    {Style{Colour: true}, onLight},
				"no colours, dark":  {Style{}, onDark},
				"no colours, light": {Style{LightBackground: true}, onLight},
			} {
				c.style.Unicode = unicode
				drawn := code.Draw(c.style)
				if !unicode && strings.IndexFunc(drawn, func(r rune) bool { return r > 0x7e }) >= 0 {
					t.Errorf("%s: not ASCII", name)
				}
				if got, err := read(c.screen.picture(t, drawn)); got != text || err != nil {
					t.Errorf("%s, Unicode %v: read %q, %v", name, unicode, got, err)
				}
			}
		}
	}
}

// The code of an MFA device with a name of usual length fits into 80 columns
// and 24 lines, with a line for the question.
func TestFits(t *testing.T) {
	code, err := Encode("otpauth://totp/AWS:alice@123456789012?secret=" + strings.Repeat("A", 64) + "&issuer=AWS")
	if err != nil {
		t.Fatal(err)
	}
	style := Style{Unicode: true}
	lines := strings.Count(code.Draw(style), "\n")
	if code.Columns(style) > 80 || lines > 23 {
		t.Errorf("%d columns, %d lines", code.Columns(style), lines)
	}
	if code.Columns(Style{}) != 2*code.Columns(style) {
		t.Errorf("%d columns in ASCII", code.Columns(Style{}))
	}
}

func TestTooLong(t *testing.T) {
	if _, err := Encode(strings.Repeat("x", 3000)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func ExampleCode_Draw() {
	code, err := Encode("A")
	if err != nil {
		panic(err)
	}
	fmt.Println(code.Columns(Style{Unicode: true}))
	// Output: 25
}
