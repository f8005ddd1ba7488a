// What the two halves of the stand-in for macOS's libraries share: objects of CoreFoundation.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { STRING = 1, DATA, DICTIONARY, ARRAY, BOOLEAN, ITEM, DATE };

// An object's head is never freed, so that what is used or released after its end is noticed.
struct object {
	int kind, references, constant;
	size_t size; // bytes, or entries
	char *bytes;
	struct object **keys, **values;
};
typedef struct object *ref;

#define CONSTANT(name) \
	static struct object name##_object = {STRING, 1, 1, sizeof #name - 1, #name, 0, 0}; \
	ref name = &name##_object;

extern long live; // objects that were made and not released
extern ref kCFBooleanTrue, kCFBooleanFalse;
extern char kCFTypeDictionaryKeyCallBacks[], kCFTypeDictionaryValueCallBacks[];

void die(const char *why);
ref make(int kind, size_t size);
ref bytes(int kind, const void *from, long size);
void CFRelease(ref);
unsigned long CFGetTypeID(ref);
ref CFDictionaryCreate(ref allocator, ref *keys, ref *values, long count, const void *k, const void *v);
ref CFDictionaryGetValue(ref dictionary, ref key);
