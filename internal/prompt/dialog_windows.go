package prompt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
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

// dialog is a window of Windows' own: no other program, and so no console that
// flashes up. A service, or an SSH session, has a desktop that nobody sees.
func (p *Prompter) dialog() (dialog, error) {
	var flags struct{ Inherit, Reserved, Flags uint32 }
	station, _, _ := getProcessStation.Call()
	ok, _, err := getObjectInformation.Call(station, objectFlags, uintptr(unsafe.Pointer(&flags)), unsafe.Sizeof(flags), 0)
	if ok == 0 {
		return nil, fmt.Errorf("asking for the desktop: %w", err)
	}
	if flags.Flags&visibleStation == 0 {
		return nil, errors.New("there is no desktop that anyone sees")
	}
	return window{}, nil
}

// window puts one dialog up after the other.
type window struct{}

func (window) name() string { return "a Windows dialog" }

func (window) enter(ctx context.Context, lines []string) (string, error) {
	return (&box{lines: lines}).run(ctx)
}

func (window) choose(ctx context.Context, lines, rows []string) (string, error) {
	return (&box{lines: lines, rows: rows}).run(ctx)
}

// box is a dialog that is up. All but ctx happens on one thread.
type box struct {
	lines, rows []string
	answer      string
	handle      chan uintptr // the window's, once
}

// The one dialog of this process that is up; Windows calls back without a
// pointer of Go's.
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

// fill puts the rows into the list, bounds the field, and comes to the front.
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

// input is the control that takes the answer.
func (b *box) input() uintptr {
	if len(b.rows) > 0 {
		return idList
	}
	return idEdit
}
