// A stand-in for the part of Security.framework that internal/keychain calls. Of Apple's policy (who may read which
// item, and when a dialog comes) it knows only what fake_set tells it.
#include "fake.h"

CONSTANT(kSecClass)
CONSTANT(kSecClassGenericPassword)
CONSTANT(kSecAttrService)
CONSTANT(kSecAttrAccount)
CONSTANT(kSecAttrLabel)
CONSTANT(kSecAttrDescription)
CONSTANT(kSecValueData)
CONSTANT(kSecReturnData)
CONSTANT(kSecReturnAttributes)
CONSTANT(kSecMatchLimit)
CONSTANT(kSecMatchLimitAll)

enum { DUPLICATE = -25299, NOT_FOUND = -25300, AUTH_FAILED = -25293, NOT_ALLOWED = -25308, PARAM = -50 };

struct item {
	ref attributes[5]; // as in named below
	int foreign;       // kept by another build of the program
	struct item *next;
};
static struct item *items;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// What a test can set: locked; feigned (locked, and yet said to be open); hang; foreign (turns all items into another build's); update (whether these can be
// written: 0 no, 1 yes, but they stay another's); delete (the status of a delete); status (of everything).
static volatile int locked, feigned, hang, update, delete_status, status_of_all;
static int interaction = 1, dialogs;

void fake_set(const char *what, int value) {
	pthread_mutex_lock(&mutex);
	if (!strcmp(what, "locked")) locked = value;
	else if (!strcmp(what, "feigned")) locked = feigned = value;
	else if (!strcmp(what, "hang")) hang = value;
	else if (!strcmp(what, "update")) update = value;
	else if (!strcmp(what, "delete")) delete_status = value;
	else if (!strcmp(what, "status")) status_of_all = value;
	else if (!strcmp(what, "foreign"))
		for (struct item *i = items; i; i = i->next) i->foreign = value;
	else die("fake_set of what?");
	pthread_mutex_unlock(&mutex);
}

// fake_live counts the objects that were made and not released, less those in the keychain itself. fake_dialogs
// counts the dialogs that would have come up.
long fake_live(void) {
	long n = live;
	for (struct item *i = items; i; i = i->next)
		for (int a = 0; a < 5; a++) n -= i->attributes[a] != NULL;
	return n;
}
int fake_dialogs(void) { return dialogs; }

int32_t SecKeychainSetUserInteractionAllowed(uint8_t allowed) {
	interaction = allowed;
	return 0;
}

int32_t SecKeychainGetStatus(void *keychain, uint32_t *state) {
	if (keychain) die("not the default keychain");
	*state = locked && !feigned ? 6 : 7;
	return 0;
}

// refuse is an answer for which a dialog would come up if it may.
static int refuse(int status) {
	if (interaction) dialogs++;
	return status;
}

static ref text(ref dictionary, ref key) { return CFDictionaryGetValue(dictionary, key); }
static int same(ref a, ref b) {
	return !a || (b && a->kind == b->kind && a->size == b->size && !memcmp(a->bytes, b->bytes, a->size));
}

static ref *named(int i) {
	static ref *names[] = {&kSecAttrService, &kSecAttrAccount, &kSecAttrLabel, &kSecAttrDescription, &kSecValueData};
	return names[i];
}

static int matches(struct item *i, ref query) {
	return same(text(query, kSecAttrService), i->attributes[0]) && same(text(query, kSecAttrAccount), i->attributes[1]);
}

// begin is what every call does first. It returns with the mutex held.
static int begin(ref query) {
	while (hang) usleep(1000);
	pthread_mutex_lock(&mutex);
	if (text(query, kSecClass) != kSecClassGenericPassword || !text(query, kSecAttrService)) return PARAM;
	return status_of_all;
}
static int32_t end(int status) {
	pthread_mutex_unlock(&mutex);
	return status;
}

static void take(struct item *i, ref from) {
	for (int a = 0; a < 5; a++) {
		ref value = text(from, *named(a));
		if (!value) continue;
		if (value->kind != (a == 4 ? DATA : STRING)) die("an attribute of another type");
		if (i->attributes[a]) CFRelease(i->attributes[a]);
		i->attributes[a] = bytes(value->kind, value->bytes, value->size);
	}
}

int32_t SecItemAdd(ref attributes, ref *result) {
	int status = begin(attributes);
	if (status) return end(status);
	for (struct item *i = items; i; i = i->next)
		if (matches(i, attributes)) return end(DUPLICATE);
	if (locked) return end(refuse(NOT_ALLOWED));
	struct item *i = calloc(1, sizeof *i);
	take(i, attributes);
	i->next = items;
	items = i;
	return end(0);
}

int32_t SecItemUpdate(ref query, ref attributes) {
	int status = begin(query);
	if (status) return end(status);
	if (text(attributes, kSecClass) || text(query, kSecValueData)) return end(PARAM);
	int found = 0;
	for (struct item *i = items; i; i = i->next) {
		if (!matches(i, query)) continue;
		if (locked) return end(refuse(NOT_ALLOWED));
		if (i->foreign && !update) return end(refuse(AUTH_FAILED));
		take(i, attributes);
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

int32_t SecItemDelete(ref query) {
	int status = begin(query);
	if (status || delete_status) return end(status ? status : delete_status);
	int found = 0;
	for (struct item **link = &items; *link;) {
		struct item *i = *link;
		if (!matches(i, query)) {
			link = &i->next;
			continue;
		}
		for (int a = 0; a < 5; a++)
			if (i->attributes[a]) CFRelease(i->attributes[a]);
		*link = i->next;
		free(i);
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

static ref describe(struct item *i) {
	ref keys[4], values[4];
	int n = 0;
	for (int a = 0; a < 4; a++)
		if (i->attributes[a]) keys[n] = *named(a), values[n++] = i->attributes[a];
	return CFDictionaryCreate(NULL, keys, values, n, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks);
}

int32_t SecItemCopyMatching(ref query, ref *result) {
	int status = begin(query);
	if (status) return end(status);
	int every = text(query, kSecMatchLimit) == kSecMatchLimitAll;
	if (every && text(query, kSecReturnAttributes) != kCFBooleanTrue) return end(PARAM);
	ref list = every ? make(ARRAY, 0) : NULL;
	for (struct item *i = items; i; i = i->next) {
		if (!matches(i, query)) continue;
		if (every) {
			list->values = realloc(list->values, (list->size + 1) * sizeof(ref));
			list->values[list->size++] = describe(i);
			continue;
		}
		if (locked) return end(refuse(NOT_ALLOWED));
		if (i->foreign) return end(refuse(AUTH_FAILED));
		if (text(query, kSecReturnData) != kCFBooleanTrue) return end(PARAM);
		*result = bytes(DATA, i->attributes[4]->bytes, i->attributes[4]->size);
		return end(0);
	}
	if (every && list->size) {
		*result = list;
		return end(0);
	}
	if (list) CFRelease(list);
	return end(NOT_FOUND);
}
