// A stand-in for the part of CoreFoundation that internal/keychain calls, so that its calls can be tested without a Mac.
// It knows Apple's rules of ownership, and ends the process when they are broken.
#include "fake.h"

long live;

void die(const char *why) {
	fprintf(stderr, "fake Security library: %s\n", why);
	abort();
}

static ref alive(ref o) {
	if (!o) die("NULL where an object must be");
	if (!o->constant && o->references < 1) die("an object was used after its end");
	return o;
}

ref make(int kind, size_t size) {
	ref o = calloc(1, sizeof *o);
	o->kind = kind, o->references = 1, o->size = size;
	__sync_fetch_and_add(&live, 1);
	return o;
}

static void retain(ref o) {
	if (!alive(o)->constant) __sync_fetch_and_add(&o->references, 1);
}

void CFRelease(ref o) {
	if (!o) die("CFRelease(NULL)");
	if (o->constant) die("a constant was released");
	int left = __sync_sub_and_fetch(&o->references, 1);
	if (left < 0) die("an object was released twice");
	if (left > 0) return;
	for (size_t i = 0; o->values && i < o->size; i++) {
		if (o->keys && !o->keys[i]->constant) CFRelease(o->keys[i]);
		if (!o->values[i]->constant) CFRelease(o->values[i]);
	}
	if (o->bytes) memset(o->bytes, 0xee, o->size);
	free(o->bytes), free(o->keys), free(o->values);
	__sync_fetch_and_sub(&live, 1);
}

static struct object true_object = {BOOLEAN, 1, 1, 0, 0, 0, 0}, false_object = {BOOLEAN, 1, 1, 0, 0, 0, 0};
ref kCFBooleanTrue = &true_object, kCFBooleanFalse = &false_object;
char kCFTypeDictionaryKeyCallBacks[64], kCFTypeDictionaryValueCallBacks[64];

unsigned long CFGetTypeID(ref o) { return alive(o)->kind; }
unsigned long CFStringGetTypeID(void) { return STRING; }
unsigned long CFDataGetTypeID(void) { return DATA; }
unsigned long CFDateGetTypeID(void) { return DATE; }
double CFDateGetAbsoluteTime(ref o) {
	if (alive(o)->kind != DATE) die("not a date");
	return *(double *)o->bytes;
}

ref bytes(int kind, const void *from, long size) {
	if (size < 0 || !from) die("no bytes");
	ref o = make(kind, size);
	o->bytes = malloc(size + 1);
	memcpy(o->bytes, from, size);
	return o;
}

ref CFDataCreate(ref allocator, const void *from, long size) { return bytes(DATA, from, size); }
long CFDataGetLength(ref o) { return alive(o)->size; }
const char *CFDataGetBytePtr(ref o) { return alive(o)->size ? o->bytes : NULL; }

// units counts a text of UTF-8 in UTF-16, or returns -1 if it is none.
static long units(const unsigned char *s, long size) {
	long n = 0;
	for (long i = 0; i < size; n++) {
		int more = s[i] < 0x80 ? 0 : s[i] < 0xc2 ? -1 : s[i] < 0xe0 ? 1 : s[i] < 0xf0 ? 2 : s[i] < 0xf5 ? 3 : -1;
		if (more < 0 || i + more >= size) return -1;
		for (int j = 1; j <= more; j++)
			if ((s[i + j] & 0xc0) != 0x80) return -1;
		n += more == 3;
		i += more + 1;
	}
	return n;
}

ref CFStringCreateWithBytes(ref allocator, const void *from, long size, uint32_t encoding, uint8_t external) {
	if (encoding != 0x08000100) die("not kCFStringEncodingUTF8");
	return units(from, size) < 0 ? NULL : bytes(STRING, from, size);
}
long CFStringGetLength(ref o) { return units((unsigned char *)alive(o)->bytes, o->size); }
long CFStringGetMaximumSizeForEncoding(long length, uint32_t encoding) { return 3 * length; }
uint8_t CFStringGetCString(ref o, char *buffer, long size, uint32_t encoding) {
	if (alive(o)->kind != STRING) die("not a string");
	if ((long)o->size >= size) return 0;
	memcpy(buffer, o->bytes, o->size);
	buffer[o->size] = 0;
	return 1;
}

ref CFDictionaryCreate(ref allocator, ref *keys, ref *values, long count, const void *k, const void *v) {
	if (k != kCFTypeDictionaryKeyCallBacks || v != kCFTypeDictionaryValueCallBacks)
		die("a dictionary that does not keep what is in it");
	ref o = make(DICTIONARY, count);
	o->keys = calloc(count, sizeof *keys), o->values = calloc(count, sizeof *values);
	for (long i = 0; i < count; i++) {
		retain(o->keys[i] = keys[i]);
		retain(o->values[i] = values[i]);
	}
	return o;
}
ref CFDictionaryGetValue(ref o, ref key) {
	if (alive(o)->kind != DICTIONARY) die("not a dictionary");
	for (size_t i = 0; i < o->size; i++)
		if (o->keys[i] == key) return o->values[i];
	return NULL;
}
long CFArrayGetCount(ref o) {
	if (alive(o)->kind != ARRAY) die("not an array");
	return o->size;
}
ref CFArrayGetValueAtIndex(ref o, long i) {
	if (i < 0 || i >= CFArrayGetCount(o)) die("beyond the array");
	return o->values[i];
}
