package cache

import (
	"cmp"
	"slices"

	"github.com/godbus/dbus/v5"
)

// newestFirst sorts items by when they were changed.
func (e *exchange) newestFirst(paths []dbus.ObjectPath) []dbus.ObjectPath {
	modified := make(map[dbus.ObjectPath]uint64, len(paths))
	for i, call := range e.property(paths, "Modified") {
		var at uint64
		_ = e.wait(call, &at) // an item that vanished goes last
		modified[paths[i]] = at
	}
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b dbus.ObjectPath) int {
		return cmp.Compare(modified[b], modified[a])
	})
	return sorted
}

// keys reads the items' own attributes; items that vanish meanwhile are left out.
func (e *exchange) keys(paths []dbus.ObjectPath) []string {
	var keys []string
	for _, call := range e.property(paths, "Attributes") {
		var attributes map[string]string
		if e.wait(call, &attributes) == nil && attributes[attributeKey] != "" {
			keys = append(keys, attributes[attributeKey])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// property asks all items at once.
func (e *exchange) property(paths []dbus.ObjectPath, name string) []*dbus.Call {
	calls := make([]*dbus.Call, len(paths))
	for i, path := range paths {
		calls[i] = e.send(path, propertyGet, itemInterface, name)
	}
	return calls
}

// readable tells whether the data is what the item of that key should hold.
func readable(key string, data []byte) bool {
	_, asSession := decodeSession(key, data)
	_, asDevice := decodeDevice(key, data)
	return asSession == nil || asDevice == nil
}
