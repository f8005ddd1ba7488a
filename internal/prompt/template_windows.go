package prompt

import (
	"strings"
	"unicode/utf16"
)

// Styles of dialogs and controls, from winuser.h.
const (
	wsPopup, wsVisible, wsChild, wsCaption, wsSysMenu = 0x80000000, 0x10000000, 0x40000000, 0x00c00000, 0x00080000
	wsBorder, wsTabStop, wsVScroll, wsExTopmost       = 0x00800000, 0x00010000, 0x00200000, 0x00000008
	dsModalFrame, dsSetFont, dsSetForeground          = 0x80, 0x40, 0x200
	dsCenter, dsNoFailCreate                          = 0x0800, 0x10
	ssNoPrefix, esAutoHScroll, bsDefPushButton        = 0x80, 0x80, 1
	lbsNotify, lbsNoIntegralHeight                    = 1, 0x100

	classButton, classEdit, classStatic, classListBox = 0x80, 0x81, 0x82, 0x83
)

// Sizes in dialog units: a quarter of a character wide, an eighth high.
const (
	boxWidth, margin, lineHeight     = 320, 8, 9
	fieldHeight, listHeight          = 13, 64
	buttonWidth, buttonHeight        = 54, 15
	charactersPerLine            int = 72
)

// template is the dialog as a DLGTEMPLATE in memory, with its controls behind
// it: the lines, which are shown as they are (SS_NOPREFIX: an ampersand marks
// no key), a field or a list, and two buttons.
func (b *box) template() []uint16 {
	lines := 0
	for _, line := range b.lines {
		lines += 1 + len(utf16.Encode([]rune(line)))/charactersPerLine // long ones are wrapped
	}
	text, field := uint16(lines*lineHeight), uint16(fieldHeight)
	class, style, id := uint16(classEdit), uint32(wsBorder|esAutoHScroll), uint16(idEdit)
	if len(b.rows) > 0 {
		field, class, style, id = listHeight, classListBox, wsBorder|wsVScroll|lbsNotify|lbsNoIntegralHeight, idList
	}
	inputAt := margin + text + margin
	buttonsAt := inputAt + field + margin
	var t layout
	t.header(wsPopup|wsVisible|wsCaption|wsSysMenu|dsModalFrame|dsSetFont|dsSetForeground|dsCenter|dsNoFailCreate, 4,
		buttonsAt+buttonHeight+margin)
	t.control(ssNoPrefix, rectangle{margin, margin, boxWidth - 2*margin, text}, 0xffff, classStatic, strings.Join(b.lines, "\n"))
	t.control(style|wsTabStop, rectangle{margin, inputAt, boxWidth - 2*margin, field}, id, class, "")
	right := uint16(boxWidth - margin - buttonWidth)
	t.control(bsDefPushButton|wsTabStop, rectangle{right - buttonWidth - margin, buttonsAt, buttonWidth, buttonHeight}, idOK, classButton, "OK")
	t.control(wsTabStop, rectangle{right, buttonsAt, buttonWidth, buttonHeight}, idCancel, classButton, "Cancel")
	return t.words
}

type rectangle struct{ x, y, width, height uint16 }

// layout writes a template; a slice of 16-bit words starts where a 32-bit one
// may.
type layout struct{ words []uint16 }

func (t *layout) word(words ...uint16) { t.words = append(t.words, words...) }

func (t *layout) long(value uint32) { t.word(uint16(value), uint16(value>>16)) }

func (t *layout) text(text string) { t.word(append(utf16.Encode([]rune(text)), 0)...) }

func (t *layout) header(style uint32, controls, height uint16) {
	t.long(style)
	t.long(wsExTopmost)
	t.word(controls, 0, 0, boxWidth, height)
	t.word(0, 0) // no menu, the usual class
	t.text(dialogTitle)
	t.word(9) // points
	t.text("MS Shell Dlg 2")
}

func (t *layout) control(style uint32, r rectangle, id, class uint16, text string) {
	if len(t.words)%2 != 0 {
		t.word(0) // each begins at a multiple of four bytes
	}
	t.long(style | wsChild | wsVisible)
	t.long(0)
	t.word(r.x, r.y, r.width, r.height, id, 0xffff, class)
	t.text(text)
	t.word(0)
}
