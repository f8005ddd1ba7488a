// A stand-in for the part of Security.framework that internal/keychain calls. It behaves as Apple's source does
// (Security-61901.0.87; the file names below are Apple's), as far as fake_set tells it what another program has done.
//
// Its keychain lives in memory, or, with FAKE_KEYCHAIN, in that file, for all programs that are started. There a program
// is told from another by its file's name and bytes, FILE.locked locks the keychain, and FILE.dialogs tells of each dialog
// that would have come up.
#include "fake.h"
#include <sys/file.h>
#include <time.h>

CONSTANT(kSecClass)
CONSTANT(kSecClassGenericPassword)
CONSTANT(kSecClassInternetPassword)
CONSTANT(kSecAttrServer)
CONSTANT(kSecAttrProtocol)
CONSTANT(kSecAttrProtocolHTTPS)
CONSTANT(kSecAttrPath)
CONSTANT(kSecAttrModificationDate)
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

enum { SERVICE, ACCOUNT, LABEL, DESCRIPTION, SECRET, PATH, ATTRIBUTES };

struct item {
	long id;
	ref attributes[ATTRIBUTES]; // SERVICE is the server of an internet password
	int internet;
	char owner[256];      // the file name of the program that made it
	unsigned long build;  // what tells that program from others of its file name
	int lost;             // written since by a program that is not its owner: nobody can read it any more
	double written;
	struct item *next;
};
static struct item *items;
static long last_id;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// This program.
static char own_name[256] = "git-credential-mfa";
static unsigned long own_build = 1;

// foreign is 1 for an item of another build of this program, 2 for one of another file name, 0 for its own.
static int foreign(struct item *i) { return strcmp(i->owner, own_name) ? 2 : i->build != own_build; }

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
		for (struct item *i = items; i; i = i->next) i->build = own_build + (value > 0), strcpy(i->owner, value > 1 ? "another" : own_name);
	else die("fake_set of what?");
	pthread_mutex_unlock(&mutex);
}

// fake_live counts the objects that were made and not released, less those in the keychain itself. fake_dialogs
// counts the dialogs that would have come up.
long fake_live(void) {
	long n = live;
	for (struct item *i = items; i; i = i->next)
		for (int a = 0; a < ATTRIBUTES; a++) n -= i->attributes[a] != NULL;
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

static const char *file; // FAKE_KEYCHAIN
static int changed;      // since it was read

static FILE *beside(const char *suffix, const char *mode) {
	char name[4096];
	snprintf(name, sizeof name, "%s%s", file, suffix);
	return fopen(name, mode);
}

static int is_locked(void) {
	FILE *mark = file ? beside(".locked", "r") : NULL;
	if (mark) fclose(mark);
	return locked || mark;
}

// know_yourself tells this program by its file.
__attribute__((constructor)) static void know_yourself(void) {
	file = getenv("FAKE_KEYCHAIN");
	char name[4096] = "";
	if (!file || readlink("/proc/self/exe", name, sizeof name - 1) < 0) return;
	snprintf(own_name, sizeof own_name, "%.255s", strrchr(name, '/') + 1);
	FILE *program = fopen(name, "r");
	if (!program) die("this program's file");
	for (int c; (c = getc_unlocked(program)) != EOF;) own_build = (own_build ^ c) * 1099511628211u; // FNV-1a
	fclose(program);
}

static void drop(struct item **link) {
	struct item *i = *link;
	for (int a = 0; a < ATTRIBUTES; a++)
		if (i->attributes[a]) CFRelease(i->attributes[a]);
	*link = i->next;
	free(i);
	changed = 1;
}

static ref from_hex(int kind, const char *hex) {
	if (!hex || *hex == '-') return NULL;
	size_t size = strlen(hex) / 2;
	char *raw = malloc(size + 1);
	for (size_t i = 0; i < size; i++) sscanf(hex + 2 * i, "%2hhx", raw + i);
	ref o = bytes(kind, raw, size);
	free(raw);
	return o;
}

// read_file and write_file keep an item a line: id, internet, lost, owner, build, time, and the attributes in
// hexadecimal, with a dot before, or "-".
static void read_file(void) {
	while (items) drop(&items);
	FILE *in = beside("", "r");
	char *line = NULL, *rest;
	size_t space = 0;
	while (in && getline(&line, &space, in) > 0) {
		struct item *i = calloc(1, sizeof *i);
		i->id = atol(strtok_r(line, " ", &rest)), i->internet = atoi(strtok_r(NULL, " ", &rest)), i->lost = atoi(strtok_r(NULL, " ", &rest));
		snprintf(i->owner, sizeof i->owner, "%s", strtok_r(NULL, " ", &rest));
		i->build = strtoul(strtok_r(NULL, " ", &rest), NULL, 10), i->written = atof(strtok_r(NULL, " ", &rest));
		for (int a = 0; a < ATTRIBUTES; a++) {
			char *word = strtok_r(NULL, " \n", &rest);
			if (word && *word == '.') i->attributes[a] = from_hex(a == SECRET ? DATA : STRING, word + 1);
		}
		if (i->id > last_id) last_id = i->id;
		i->next = items, items = i;
	}
	free(line);
	if (in) fclose(in);
	changed = 0;
}

static void write_file(void) {
	FILE *out = beside("", "w");
	if (!out) die("the keychain's file");
	for (struct item *i = items; i; i = i->next) {
		fprintf(out, "%ld %d %d %s %lu %.0f", i->id, i->internet, i->lost, i->owner, i->build, i->written);
		for (int a = 0; a < ATTRIBUTES; a++) {
			fprintf(out, i->attributes[a] ? " ." : " -");
			for (size_t b = 0; i->attributes[a] && b < i->attributes[a]->size; b++) fprintf(out, "%02hhx", i->attributes[a]->bytes[b]);
		}
		fprintf(out, "\n");
	}
	fclose(out);
}

int32_t SecKeychainSetUserInteractionAllowed(uint8_t allowed) {
	interaction = allowed;
	return 0;
}

int32_t SecKeychainGetStatus(void *keychain, uint32_t *state) {
	if (keychain) die("not the default keychain");
	if (damaged) return INVALID_KEYCHAIN;
	*state = is_locked() && !feigned ? 6 : 7;
	return 0;
}

// refuse is an answer for which a dialog would come up if it may.
static int refuse(int status) {
	if (!interaction) return status;
	dialogs++;
	FILE *told = file ? beside(".dialogs", "a") : NULL;
	if (told) fprintf(told, "%s: %d\n", own_name, status), fclose(told);
	return status;
}

static ref text(ref dictionary, ref key) { return CFDictionaryGetValue(dictionary, key); }
static int same(ref a, ref b) {
	return !a || (b && a->kind == b->kind && a->size == b->size && !memcmp(a->bytes, b->bytes, a->size));
}

static ref *named(int i) {
	static ref *names[] = {&kSecAttrService, &kSecAttrAccount, &kSecAttrLabel, &kSecAttrDescription, &kSecValueData, &kSecAttrPath};
	return names[i];
}

static int internet(ref query) { return text(query, kSecClass) == kSecClassInternetPassword; }

// first is the service of a generic password, the server of an internet password.
static ref first(ref query) { return text(query, internet(query) ? kSecAttrServer : kSecAttrService); }

static int matches(struct item *i, ref query) {
	return i->internet == internet(query) && same(first(query), i->attributes[SERVICE]) && same(text(query, kSecAttrAccount), i->attributes[ACCOUNT]) &&
		same(text(query, kSecAttrPath), i->attributes[PATH]);
}

// hold keeps other processes out of the file.
static void hold(int operation) {
	static FILE *lock;
	if (!lock) lock = beside(".lock", "a");
	if (!lock || flock(fileno(lock), operation)) die("the keychain's lock");
}

// enter is how every call begins: it returns with the mutex held, and end gives it back.
static void enter(void) {
	while (hang) usleep(1000);
	pthread_mutex_lock(&mutex);
	if (file) hold(LOCK_EX), read_file();
}

// begin enters with a query, and checks that it is one.
static int begin(ref query) {
	enter();
	if ((text(query, kSecClass) != kSecClassGenericPassword && !internet(query)) || !first(query)) return PARAM;
	if (internet(query) && text(query, kSecAttrProtocol) != kSecAttrProtocolHTTPS) return PARAM;
	elsewhere += text(query, kSecUseDataProtectionKeychain) != kCFBooleanFalse;
	return status_of_all;
}
static int32_t end(int status) {
	if (file && changed) write_file();
	if (file) hold(LOCK_UN);
	pthread_mutex_unlock(&mutex);
	return status;
}

static void take(struct item *i, ref from) {
	for (int a = 0; a < ATTRIBUTES; a++) {
		ref value = a == SERVICE && internet(from) ? first(from) : text(from, *named(a));
		if (!value) continue;
		if (value->kind != (a == SECRET ? DATA : STRING)) die("an attribute of another type");
		if (i->attributes[a]) CFRelease(i->attributes[a]);
		i->attributes[a] = bytes(value->kind, value->bytes, value->size);
	}
	changed = 1;
	i->written = (double)time(NULL) - 978307200; // kCFAbsoluteTimeIntervalSince1970
}

int32_t SecItemAdd(ref attributes, ref *result) {
	int status = begin(attributes);
	if (status) return end(status);
	if (is_locked() && !feigned) return end(refuse(AUTH_FAILED)); // of an item that is there, too (kcdatabase.cpp:1241)
	for (struct item *i = items; i; i = i->next)
		if (matches(i, attributes) && !i->attributes[PATH] == !text(attributes, kSecAttrPath)) return end(DUPLICATE);
	if (is_locked()) return end(refuse(AUTH_FAILED));
	struct item *i = calloc(1, sizeof *i);
	i->id = ++last_id, i->internet = internet(attributes), i->build = own_build;
	strcpy(i->owner, own_name);
	take(i, attributes);
	i->next = items;
	items = i;
	return end(0);
}

int32_t SecItemUpdate(ref query, ref attributes) {
	int status = begin(query);
	if (status) return end(status);
	if (text(attributes, kSecClass) || text(query, kSecValueData)) return end(PARAM);
	if (damaged) return end(NOT_FOUND);
	int found = 0;
	for (struct item *i = items; i; i = i->next) {
		if (!matches(i, query)) continue;
		if (is_locked()) return end(refuse(AUTH_FAILED));
		take(i, attributes); // another build's too, under its old access list and a new partition list (kc-16)
		i->lost = i->lost || foreign(i);
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

// A program may delete what one of the same file name has written (SecItem.cpp:2177).
int32_t SecItemDelete(ref query) {
	int status = begin(query);
	if (status || delete_status) return end(status ? status : delete_status);
	if (damaged) return end(NOT_FOUND);
	int found = 0;
	for (struct item **link = &items; *link;) {
		if (!matches(*link, query)) {
			link = &(*link)->next;
			continue;
		}
		if (foreign(*link) == 2) return end(INVALID_OWNER_EDIT);
		drop(link);
		found = 1;
	}
	return end(found ? 0 : NOT_FOUND);
}

// Any program may delete an item by its reference (SecKeychainItem.cpp:210).
int32_t SecKeychainItemDelete(ref reference) {
	if (CFGetTypeID(reference) != ITEM) die("not a reference of an item");
	enter();
	if (delete_status) return end(delete_status);
	for (struct item **link = &items; *link; link = &(*link)->next)
		if (!memcmp(reference->bytes, &(*link)->id, sizeof (*link)->id)) {
			drop(link);
			return end(0);
		}
	return end(NOT_FOUND);
}

// describe returns an item's attributes, without its secret.
static ref describe(struct item *i) {
	ref keys[ATTRIBUTES], values[ATTRIBUTES];
	int n = 0;
	for (int a = 0; a < ATTRIBUTES; a++)
		if (i->attributes[a] && a != SECRET) keys[n] = *named(a), values[n++] = i->attributes[a];
	ref date = bytes(DATE, &i->written, sizeof i->written);
	keys[n] = kSecAttrModificationDate, values[n++] = date;
	ref all = CFDictionaryCreate(NULL, keys, values, n, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks);
	CFRelease(date);
	return all;
}

int32_t SecItemCopyMatching(ref query, ref *result) {
	int status = begin(query);
	if (status) return end(status);
	if (damaged) return end(NOT_FOUND); // any error of a search ends as this (SecItem.cpp:5205)
	int every = text(query, kSecMatchLimit) == kSecMatchLimitAll, references = text(query, kSecReturnRef) == kCFBooleanTrue;
	if (every && !references && text(query, kSecReturnAttributes) != kCFBooleanTrue) return end(PARAM);
	ref list = every ? make(ARRAY, 0) : NULL;
	for (struct item *i = items; i; i = i->next) {
		if (!matches(i, query)) continue;
		if (every) { // needs no secret, so that the lock does not matter
			list->values = realloc(list->values, (list->size + 1) * sizeof(ref));
			list->values[list->size++] = references ? bytes(ITEM, &i->id, sizeof i->id) : describe(i);
			continue;
		}
		if (is_locked() || i->lost || foreign(i)) return end(refuse(AUTH_FAILED));
		if (text(query, kSecReturnData) != kCFBooleanTrue) return end(PARAM);
		*result = bytes(DATA, i->attributes[SECRET]->bytes, i->attributes[SECRET]->size);
		return end(0);
	}
	if (every && list->size) {
		*result = list;
		return end(0);
	}
	if (list) CFRelease(list);
	return end(NOT_FOUND);
}
