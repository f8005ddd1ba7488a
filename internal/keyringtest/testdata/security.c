// A stand-in for the part of Security.framework that internal/keychain calls. It behaves as Apple's source does
// (Security-61901.0.87; the file names below are Apple's), as far as fake_set tells it what another program has done.
#include "fake.h"

CONSTANT(kSecClass)
CONSTANT(kSecClassGenericPassword)
CONSTANT(kSecClassInternetPassword)
CONSTANT(kSecAttrServer)
CONSTANT(kSecAttrProtocol)
CONSTANT(kSecAttrProtocolHTTPS)
CONSTANT(kSecAttrService)
CONSTANT(kSecAttrAccount)
CONSTANT(kSecAttrLabel)
CONSTANT(kSecAttrDescription)
CONSTANT(kSecValueData)
CONSTANT(kSecReturnData)
CONSTANT(kSecReturnAttributes)
CONSTANT(kSecMatchLimit)
CONSTANT(kSecMatchLimitAll)
CONSTANT(kSecReturnRef)
CONSTANT(kSecUseDataProtectionKeychain)

enum { DUPLICATE = -25299, NOT_FOUND = -25300, AUTH_FAILED = -25293, INVALID_OWNER_EDIT = -25244, INVALID_KEYCHAIN = -25295, PARAM = -50 };

struct item {
	ref attributes[5]; // as in named below
	int internet;      // an internet password, whose first attribute is the server
	int foreign;       // kept by another build of the program: 1 of the same file name, 2 of another
	int lost;          // written since by a build that is not its owner: nobody can read it any more
	struct item *next;
};
static struct item *items;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// What a test can set: locked; feigned (locked, and yet said to be open; an item
// that is there is noticed before); hang; foreign (turns all items into another
// build's); delete (the status of every delete); status (of everything); damaged (the keychain's file can't be read).
static volatile int locked, feigned, hang, delete_status, status_of_all, damaged;
static int interaction = 1, dialogs, elsewhere;

void fake_set(const char *what, int value) {
	pthread_mutex_lock(&mutex);
	if (!strcmp(what, "locked")) locked = value;
	else if (!strcmp(what, "feigned")) locked = feigned = value;
	else if (!strcmp(what, "hang")) hang = value;
	else if (!strcmp(what, "damaged")) damaged = value;
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

// fake_lost counts the items that hold what was written and nobody can read.
int fake_lost(void) {
	int n = 0;
	for (struct item *i = items; i; i = i->next) n += i->lost;
	return n;
}

// fake_elsewhere counts the questions that would have gone to the data protection keychain first, another process
// (SecItem.cpp:4095 and 4950).
int fake_elsewhere(void) { return elsewhere; }

int32_t SecKeychainSetUserInteractionAllowed(uint8_t allowed) {
	interaction = allowed;
	return 0;
}

int32_t SecKeychainGetStatus(void *keychain, uint32_t *state) {
	if (keychain) die("not the default keychain");
	if (damaged) return INVALID_KEYCHAIN;
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

static int internet(ref query) { return text(query, kSecClass) == kSecClassInternetPassword; }

// first is the service of a generic password, the server of an internet password.
static ref first(ref query) { return text(query, internet(query) ? kSecAttrServer : kSecAttrService); }

static int matches(struct item *i, ref query) {
	return i->internet == internet(query) && same(first(query), i->attributes[0]) && same(text(query, kSecAttrAccount), i->attributes[1]);
}

// begin is what every call does first. It returns with the mutex held.
static int begin(ref query) {
	while (hang) usleep(1000);
	pthread_mutex_lock(&mutex);
	if ((text(query, kSecClass) != kSecClassGenericPassword && !internet(query)) || !first(query)) return PARAM;
	if (internet(query) && text(query, kSecAttrProtocol) != kSecAttrProtocolHTTPS) return PARAM;
	elsewhere += text(query, kSecUseDataProtectionKeychain) != kCFBooleanFalse;
	return status_of_all;
}
static int32_t end(int status) {
	pthread_mutex_unlock(&mutex);
	return status;
}

static void take(struct item *i, ref from) {
	for (int a = 0; a < 5; a++) {
		ref value = a == 0 && internet(from) ? first(from) : text(from, *named(a));
		if (!value) continue;
		if (value->kind != (a == 4 ? DATA : STRING)) die("an attribute of another type");
		if (i->attributes[a]) CFRelease(i->attributes[a]);
		i->attributes[a] = bytes(value->kind, value->bytes, value->size);
	}
}

int32_t SecItemAdd(ref attributes, ref *result) {
	int status = begin(attributes);
	if (status) return end(status);
	if (locked && !feigned) return end(refuse(AUTH_FAILED)); // of an item that is there, too (kcdatabase.cpp:1241)
	for (struct item *i = items; i; i = i->next)
		if (matches(i, attributes)) return end(DUPLICATE);
	if (locked) return end(refuse(AUTH_FAILED));
	struct item *i = calloc(1, sizeof *i);
	i->internet = internet(attributes);
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
		if (locked) return end(refuse(AUTH_FAILED));
		take(i, attributes); // another build's too, under its old access list and a new partition list (kc-16)
		i->lost = i->foreign != 0;
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

// drop removes the item that a link leads to.
static void drop(struct item **link) {
	struct item *i = *link;
	for (int a = 0; a < 5; a++)
		if (i->attributes[a]) CFRelease(i->attributes[a]);
	*link = i->next;
	free(i);
}

// A program may delete what one of the same file name has written (SecItem.cpp:2177).
int32_t SecItemDelete(ref query) {
	int status = begin(query);
	if (status || delete_status) return end(status ? status : delete_status);
	int found = 0;
	for (struct item **link = &items; *link;) {
		if (!matches(*link, query)) {
			link = &(*link)->next;
			continue;
		}
		if ((*link)->foreign == 2) return end(INVALID_OWNER_EDIT);
		drop(link);
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

// Any program may delete an item by its reference (SecKeychainItem.cpp:210).
int32_t SecKeychainItemDelete(ref reference) {
	pthread_mutex_lock(&mutex);
	if (CFGetTypeID(reference) != ITEM) die("not a reference of an item");
	if (delete_status) return end(delete_status);
	for (struct item **link = &items; *link; link = &(*link)->next)
		if (!memcmp(reference->bytes, link, sizeof *link)) {
			drop(link);
			return end(0);
		}
	return end(NOT_FOUND);
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
	if (damaged) return end(NOT_FOUND); // any error of a search ends as this (SecItem.cpp:5205)
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
		if (text(query, kSecReturnRef) == kCFBooleanTrue) { // needs no secret, so that the lock does not matter
			*result = bytes(ITEM, &i, sizeof i);
			return end(0);
		}
		if (locked) return end(refuse(AUTH_FAILED));
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
