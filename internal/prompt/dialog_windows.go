package prompt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Messages, commands and styles of user32, from winuser.h.
const (
	wmInitDialog, wmClose, wmCommand          = 0x0110, 0x0010, 0x0111
	idOK, idCancel, idEdit, idList            = 1, 2, 100, 101
	emLimitText                               = 0x00c5
	lbAddString, lbGetCurSel, lbSetCurSel     = 0x0180, 0x0188, 0x0186
	lbnDoubleClick                            = 2
	visibleStation                            = 1 // WSF_VISIBLE
	objectFlags                               = 1 // UOI_FLAGS
	longestAnswer                             = 64
	dialogBoxFailed, dialogAnswered, notFound = -1, 1, -1
)

var (
	user32               = windows.NewLazySystemDLL("user32.dll")
	dialogBoxIndirect    = user32.NewProc("DialogBoxIndirectParamW")
	endDialog            = user32.NewProc("EndDialog")
	getDlgItem           = user32.NewProc("GetDlgItem")
	getDlgItemText       = user32.NewProc("GetDlgItemTextW")
	sendMessage          = user32.NewProc("SendMessageW")
	postMessage          = user32.NewProc("PostMessageW")
	setFocus             = user32.NewProc("SetFocus")
	setForegroundWindow  = user32.NewProc("SetForegroundWindow")
	getProcessStation    = user32.NewProc("GetProcessWindowStation")
	getObjectInformation = user32.NewProc("GetUserObjectInformationW")
)

// dialog returns a dialog of Windows itself, so that no console flashes up as
// with another program. It fails for a service or an SSH session, whose desktop
// nobody sees.
func (p *Prompter) dialog() (dialog, error) {
	var flags struct{ Inherit, Reserved, Flags uint32 }
	station, _, _ := getProcessStation.Call()
	ok, _, err := getObjectInformation.Call(station, objectFlags, uintptr(unsafe.Pointer(&flags)), unsafe.Sizeof(flags), 0)
	if ok == 0 {
		return nil, fmt.Errorf("asking for the desktop: %w", err)
	}
	if flags.Flags&visibleStation == 0 {
		return nil, errors.New("there is no visible desktop")
	}
	return window{}, nil
}

// window shows one dialog after the other.
type window struct{}

func (window) name() string { return "a Windows dialog" }

func (window) enter(ctx context.Context, lines []string) (string, error) {
	return (&box{lines: lines}).run(ctx)
}

func (window) choose(ctx context.Context, lines, rows []string) (string, error) {
	return (&box{lines: lines, rows: rows}).run(ctx)
}

// box is an open dialog. All but the end of ctx happens on one thread.
type box struct {
	lines, rows []string
	answer      string
	handle      chan uintptr // the window's, once
}

// The open dialog of this process, in a variable because Windows calls back
// without a Go pointer.
var (
	boxUp      sync.Mutex
	current    *box
	dialogProc = sync.OnceValue(func() uintptr { return windows.NewCallback(onMessage) })
)

// run shows the box until it is answered or ctx ends.
func (b *box) run(ctx context.Context) (string, error) {
	boxUp.Lock()
	defer boxUp.Unlock()
	runtime.LockOSThread() // a window belongs to a thread
	defer runtime.UnlockOSThread()
	current, b.handle = b, make(chan uintptr, 1)
	ended, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	go func() {
		<-ended.Done()
		select {
		case handle := <-b.handle:
			_, _, _ = postMessage.Call(handle, wmClose, 0, 0)
		case <-over:
		}
	}()
	template := b.template()
	result, _, err := dialogBoxIndirect.Call(0, uintptr(unsafe.Pointer(&template[0])), 0, dialogProc(), 0)
	close(over)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case int32(result) == dialogBoxFailed:
		return "", fmt.Errorf("%w: the dialog does not open: %w", ErrImpossible, err)
	case result != dialogAnswered:
		return "", ErrCancelled
	}
	return b.answer, nil
}

// onMessage is the dialog's procedure.
func onMessage(handle, message, wParam, lParam uintptr) uintptr {
	switch message {
	case wmInitDialog:
		current.fill(handle)
		current.handle <- handle
		return 0 // the focus is set
	case wmClose:
		_, _, _ = endDialog.Call(handle, 0)
		return 1
	case wmCommand:
		switch id, event := wParam&0xffff, wParam>>16; {
		case id == idOK, id == idList && event == lbnDoubleClick:
			current.answer = current.read(handle)
			_, _, _ = endDialog.Call(handle, dialogAnswered)
			return 1
		case id == idCancel:
			_, _, _ = endDialog.Call(handle, 0)
			return 1
		}
	}
	return 0
}

// fill fills the list or limits the field, and brings the dialog to the front.
func (b *box) fill(handle uintptr) {
	_, _, _ = setForegroundWindow.Call(handle)
	item, _, _ := getDlgItem.Call(handle, b.input())
	if len(b.rows) == 0 {
		_, _, _ = sendMessage.Call(item, emLimitText, longestAnswer, 0)
	}
	for _, row := range b.rows {
		text, _ := windows.UTF16PtrFromString(row)
		_, _, _ = sendMessage.Call(item, lbAddString, 0, uintptr(unsafe.Pointer(text)))
	}
	if len(b.rows) > 0 {
		_, _, _ = sendMessage.Call(item, lbSetCurSel, 0, 0)
	}
	_, _, _ = setFocus.Call(item)
}

// read returns what was typed or chosen.
func (b *box) read(handle uintptr) string {
	if len(b.rows) == 0 {
		var text [longestAnswer + 1]uint16
		_, _, _ = getDlgItemText.Call(handle, idEdit, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
		return strings.TrimSpace(windows.UTF16ToString(text[:]))
	}
	item, _, _ := getDlgItem.Call(handle, idList)
	if i, _, _ := sendMessage.Call(item, lbGetCurSel, 0, 0); int32(i) > notFound && int(i) < len(b.rows) {
		return b.rows[i]
	}
	return ""
}

// input returns the control that takes the answer.
func (b *box) input() uintptr {
	if len(b.rows) > 0 {
		return idList
	}
	return idEdit
}

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

// template returns the dialog as a DLGTEMPLATE with its controls: the lines
// (SS_NOPREFIX, so that an ampersand marks no key), a field or a list, and two
// buttons.
func (b *box) template() []uint16 {
	lines := 0
	for _, line := range b.lines {
		lines += 1 + printable.Columns(line)/charactersPerLine // long ones are wrapped
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

// layout writes a template. A slice of 16-bit words is aligned for 32-bit ones too.
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
