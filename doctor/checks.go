package doctor

import "github.com/git-credential-mfa/git-credential-mfa/doctor/policies"

// Check is a row of the table: one question about the evidence. To add a check,
// add a row here, its function, and its section in docs/doctor.md and
// docs/ja/doctor.md.
type Check struct {
	// Code is such as CCM101. It never changes its meaning, and docs/doctor.md
	// explains it.
	Code  string
	Group Group
	// Level is the severity of what it finds, unless the finding has its own.
	Level Level
	// Symptom marks a check that shows a failure without its cause.
	Symptom Symptom

	look func(*Evidence) Finding

	// Found is the title when the problem is there, Fine when it is not.
	Found, Fine string
	// FoundInJapanese is the bold text in the code's section of docs/ja/doctor.md.
	FoundInJapanese, FineInJapanese string
}

// Checks are all checks, in the order of the report. Whether the policies could
// be read comes before what they say.
//
// No check is about sts:GetSessionToken, because policies have no effect on it
// (id_credentials_temp_control-access_getsessiontoken).
var Checks = []Check{
	{"CCM501", GitGroup, Error, cause, checkGit,
		"git is missing or too old", "git is there, and new enough",
		"git がない、または古すぎる", "git があり、十分に新しい"},
	{"CCM502", GitGroup, Error, symptom(4), checkChain,
		"git does not ask this helper", "git asks this helper",
		"git がこのヘルパーを呼ばない", "git がこのヘルパーを呼ぶ"},
	{"CCM503", GitGroup, Error, cause, checkBroken,
		"git fails at a setting in its configuration", "git understands its configuration",
		"git が設定の途中で止まる", "git が設定を最後まで読める"},
	{"CCM504", GitGroup, Error, cause, checkPath,
		"git does not tell helpers the path", "git tells helpers the path",
		"git がヘルパーにパスを渡していない", "git がヘルパーにパスを渡している"},
	{"CCM505", GitGroup, Warning, cause, checkStores,
		"another helper stores what this one answers", "no other helper stores what this one answers",
		"このヘルパーの返したパスワードが、ほかのヘルパーにも保存される", "このヘルパーの返したパスワードは、ほかのヘルパーに保存されない"},
	{"CCM506", GitGroup, Error, cause, checkName,
		"git asks for a username for which this helper has no answer", "git asks for no username of its own",
		"このヘルパーが応答しないユーザー名を git が送っている", "git がほかのユーザー名を送っていない"},
	{"CCM507", GitGroup, Error, cause, checkStale,
		"another helper answers with an expired password", "no other helper answers with an expired password",
		"ほかのヘルパーが期限切れのパスワードを返している", "期限切れのパスワードを返すヘルパーはない"},
	{"CCM508", GitGroup, Error, cause, checkFuture,
		"another helper answers with a password that was signed by a wrong clock", "no other helper answers with a password signed by a wrong clock",
		"ほかのヘルパーが、ずれた時計で署名されたパスワードを返している", "ずれた時計で署名されたパスワードを返すヘルパーはない"},
	{"CCM509", GitGroup, Error, cause, checkStatic,
		"another helper answers with an HTTPS Git credential, which carries no MFA", "no other helper answers with an HTTPS Git credential",
		"ほかのヘルパーが、MFA の付かない HTTPS Git 認証情報を返している", "HTTPS Git 認証情報を返すヘルパーはない"},
	{"CCM510", GitGroup, Error, symptom(1), checkUnasked,
		"another helper is asked before this one", "no other helper is asked before this one",
		"ほかのヘルパーが先に呼ばれる", "先に呼ばれるヘルパーはない"},
	{"CCM511", GitGroup, Warning, cause, checkOwnHelpers,
		"the repository's own configuration names a helper", "the repository's own configuration names no other helper",
		"リポジトリ自身の設定にヘルパーがある", "リポジトリ自身の設定に、ほかのヘルパーはない"},
	{"CCM512", GitGroup, Warning, cause, checkOtherGits,
		"another git on this computer has another chain of helpers", "every git on this computer has the same chain",
		"このコンピュータにある別の git では、ヘルパーの一覧が違う", "このコンピュータのどの git でも、ヘルパーの一覧は同じ"},
	{"CCM513", GitGroup, Error, cause, checkProgram,
		"git does not find this helper's program", "git finds this helper's program",
		"このヘルパーのプログラムが見つからない", "このヘルパーのプログラムが見つかる"},
	{"CCM514", GitGroup, Info, cause, checkOwnPrograms,
		"the repository's own configuration makes git run programs", "the repository's own configuration makes git run no programs",
		"リポジトリ自身の設定が git にプログラムを実行させる", "リポジトリ自身の設定は git にプログラムを実行させない"},
	{"CCM515", GitGroup, Error, cause, checkOwner,
		"git does not take the repository, which belongs to another user", "git takes the repository",
		"所有者がほかのユーザーなので、git がリポジトリを受け付けない", "git がリポジトリを受け付ける"},
	{"CCM520", GitGroup, Warning, cause, checkSSH,
		"a remote uses SSH, where no helper is asked", "no remote uses SSH",
		"リモートが SSH なので、ヘルパーが呼ばれない", "SSH のリモートはない"},
	{"CCM521", GitGroup, Warning, cause, checkGRC,
		"a remote uses git-remote-codecommit, which asks no helper", "no remote uses git-remote-codecommit",
		"リモートが git-remote-codecommit なので、ヘルパーが呼ばれない", "git-remote-codecommit のリモートはない"},
	{"CCM522", GitGroup, Error, cause, checkEmbedded,
		"a remote's URL contains a username", "no remote's URL contains a username",
		"リモートの URL にユーザー名が埋め込まれている", "リモートの URL にユーザー名はない"},
	{"CCM523", GitGroup, Error, cause, checkPlainHTTP,
		"a remote uses http, which CodeCommit does not serve", "no remote uses http",
		"リモートが http で、CodeCommit では使えない", "http のリモートはない"},
	{"CCM524", GitGroup, Error, cause, checkRemotePath,
		"a remote's path is not a CodeCommit repository's", "the remotes' paths are CodeCommit repositories'",
		"リモートのパスが CodeCommit のものではない", "リモートのパスは CodeCommit のもの"},
	{"CCM525", GitGroup, Info, cause, checkSlash,
		"a remote's URL ends in a slash", "no remote's URL ends in a slash",
		"リモートの URL が / で終わっている", "リモートの URL は / で終わっていない"},
	{"CCM526", GitGroup, Error, cause, checkRemoteHost,
		"a remote's host is misspelt: it is almost one of CodeCommit's", "the remotes' hosts are CodeCommit's",
		"リモートのホスト名が CodeCommit のものに似ているが違う", "リモートのホスト名は CodeCommit のもの"},
	{"CCM527", GitGroup, Info, cause, checkRewritten,
		"git rewrites a remote's URL", "git rewrites no remote's URL",
		"git がリモートの URL を書き換えている", "git はリモートの URL を書き換えていない"},
	{"CCM530", GitGroup, Error, cause, checkHeader,
		"a header in git's configuration overrides every helper", "no header overrides the helpers",
		"設定のヘッダーが、どのヘルパーよりも先に送られる", "ヘルパーより先に送られるヘッダーはない"},
	{"CCM531", GitGroup, Error, cause, checkNetrc,
		"a netrc file overrides every helper", "no netrc file overrides the helpers",
		"netrc が、どのヘルパーよりも先に使われる", "ヘルパーより先に使われる netrc はない"},
	{"CCM532", GitGroup, Error, cause, checkEmptyAuth,
		"git sends an empty password before any helper is asked", "git sends no empty password",
		"ヘルパーを呼ぶ前に、git が空のパスワードを送る", "git は空のパスワードを送らない"},
	{"CCM533", GitGroup, Warning, cause, checkUnverified,
		"git checks no certificate", "git checks certificates",
		"git が証明書を検証しない", "git が証明書を検証している"},
	{"CCM601", AWSGroup, Error, cause, checkProfile,
		"the AWS profile can't be used", "the AWS profile can be read",
		"AWS プロファイルが使えない", "AWS プロファイルを読める"},
	{"CCM602", AWSGroup, Warning, cause, checkShadows,
		"some AWS settings hide others", "no AWS setting hides another",
		"ほかの設定に隠れている AWS の設定がある", "隠れている AWS の設定はない"},
	{"CCM603", AWSGroup, Error, cause, checkKind,
		"there are no AWS keys", "there are long-term keys, for which STS gives sessions",
		"AWS のキーがない", "長期的なアクセスキーがあり、STS からセッションを得られる"},
	{"CCM604", AWSGroup, Error, cause, checkIdentity,
		"AWS does not know the profile's keys", "AWS knows the profile's keys",
		"AWS がプロファイルのキーを認識しない", "AWS がプロファイルのキーを認識している"},
	{"CCM605", AWSGroup, Error, cause, checkPartition,
		"the profile belongs to another partition than the repository's host", "the profile belongs to the host's partition",
		"プロファイルとリポジトリのホストでパーティションが違う", "プロファイルとリポジトリのホストのパーティションは同じ"},
	{"CCM606", AWSGroup, Info, cause, checkWho,
		"the profile is not an IAM user's", "the profile is an IAM user's",
		"IAM ユーザーのプロファイルではない", "IAM ユーザーのプロファイルである"},
	{"CCM607", AWSGroup, Warning, cause, checkEndpoint,
		"a setting sends AWS calls to another address", "AWS calls go to its own addresses",
		"AWS 以外のアドレスに接続する設定がある", "AWS の呼び出しは AWS 自身のアドレスに接続する"},
	{"CCM608", AWSGroup, Warning, cause, checkRegionSetting,
		"the configured region is not a region", "the configured region is a region",
		"設定されたリージョンが正しくない", "設定されたリージョンは正しい"},
	{"CCM609", AWSGroup, Info, cause, checkInTheClear,
		"the long-term access key lies in a file, in the clear", "the long-term access key lies in no file",
		"長期のアクセスキーがファイルに平文で置かれている", "長期のアクセスキーはファイルに置かれていない"},
	{"CCM610", AWSGroup, Info, cause, checkKeyAge,
		"the long-term access key is older than 90 days", "the long-term access key is not old",
		"長期のアクセスキーを作ってから 90 日を超えている", "長期のアクセスキーは古くない"},
	{"CCM620", MFAGroup, Error, cause, checkDevices,
		"the user has no MFA device", "the user has an MFA device",
		"ユーザーに MFA デバイスがない", "ユーザーに MFA デバイスがある"},
	{"CCM621", MFAGroup, Error, cause, checkFIDO,
		"the user has only FIDO security keys or passkeys, which STS cannot use", "the user has a device that shows codes",
		"FIDO セキュリティキーかパスキーしかなく、STS では使えない", "コードを表示するデバイスがある"},
	{"CCM622", MFAGroup, Error, cause, checkSerial,
		"the configured MFA device is not the user's", "the configured MFA device is the user's",
		"設定された MFA デバイスがこのユーザーのものではない", "設定された MFA デバイスはこのユーザーのもの"},
	{"CCM701", KeyringGroup, Error, cause, checkKeyring,
		"the keyring fails", "the keyring stores and returns an item",
		"キーリングが使えない", "キーリングに項目を保存し、読み出せる"},
	{"CCM702", KeyringGroup, Error, cause, checkLockFolder,
		"there is no folder for locks", "the folder for locks can be used",
		"ロック用のフォルダがない", "ロック用のフォルダを使える"},
	{"CCM703", KeyringGroup, Info, cause, checkJobKeyring,
		"jobs without a session bus read another keyring, without a session", "jobs without a session bus find a session",
		"セッションバスのないジョブは別のキーリングを読み、そこにセッションがない", "セッションバスのないジョブにもセッションがある"},
	{"CCM720", SessionGroup, Info, cause, checkSession,
		"there is no session", "there is a session",
		"セッションがない", "セッションがある"},
	{"CCM721", SessionGroup, Error, cause, checkSessionTaken,
		"AWS rejects the session", "AWS accepts the session",
		"AWS がセッションを受け付けない", "AWS がセッションを受け付ける"},
	{"CCM740", PromptGroup, Warning, symptom(7), checkPrompt,
		"there is no way to ask for the MFA code here", "the MFA code can be asked for",
		"ここでは MFA コードを尋ねる方法がない", "MFA コードを尋ねる方法がある"},
	{"CCM801", ClockGroup, Error, cause, checkClock,
		"this computer's clock is wrong", "this computer's clock is right",
		"このコンピュータの時計がずれている", "このコンピュータの時計は合っている"},
	{"CCM810", NetworkGroup, Error, cause, checkReached,
		"CodeCommit's host cannot be reached", "CodeCommit's host is reached",
		"CodeCommit のホストに届かない", "CodeCommit のホストに届く"},
	{"CCM811", NetworkGroup, Error, cause, checkTLS,
		"git does not trust the certificate of CodeCommit's host", "the certificate of CodeCommit's host is trusted",
		"CodeCommit のホストの証明書を git が信頼しない", "CodeCommit のホストの証明書は信頼されている"},
	{"CCM812", NetworkGroup, Error, cause, checkProxy,
		"a proxy refuses the connection, not AWS", "no proxy refuses",
		"拒否しているのは AWS ではなくプロキシ", "接続を拒否するプロキシはない"},
	{"CCM813", NetworkGroup, Error, cause, checkAnswer,
		"CodeCommit's host does not answer as it should", "CodeCommit asks for a password, as it should",
		"CodeCommit のホストの応答がおかしい", "CodeCommit はパスワードを求めている (正常)"},
	{"CCM814", NetworkGroup, Error, cause, checkSTS,
		"STS cannot be reached", "STS is reached",
		"STS に届かない", "STS に届く"},
	{"CCM820", NetworkGroup, Error, symptom(5), checkLongTerm,
		"CodeCommit refuses the long-term key", "CodeCommit accepts the long-term key",
		"CodeCommit が長期的なアクセスキーを拒否する", "CodeCommit が長期的なアクセスキーを受け付ける"},
	{"CCM821", NetworkGroup, Error, symptom(2), checkForced,
		"CodeCommit's 403 asks for MFA: it refuses the long-term key and accepts the session", "MFA makes no difference to CodeCommit",
		"403 の原因は MFA。長期的なアクセスキーは拒否され、セッションは通る", "MFA の有無で CodeCommit の応答は変わらない"},
	{"CCM822", NetworkGroup, Error, symptom(3), checkPull,
		"CodeCommit refuses the session, MFA or not", "CodeCommit accepts the session",
		"MFA があっても CodeCommit がセッションを拒否する", "CodeCommit がセッションを受け付ける"},
	{"CCM823", NetworkGroup, Warning, symptomOf("CCM103 CCM104"), checkPush,
		"CodeCommit lets the session fetch, but not push", "CodeCommit lets the session push",
		"fetch はできるが push はできない", "CodeCommit がセッションでの push を受け付ける"},
	{"CCM824", NetworkGroup, Error, cause, checkRegion,
		"the repository is in another region", "the repository was not found in another region",
		"リポジトリは別のリージョンにある", "同じ名前のリポジトリは、別のリージョンに見つからない"},
	{"CCM830", NetworkGroup, Info, cause, checkWitness,
		"git reaches the repository", "git reaches the repository",
		"git がリポジトリにアクセスできる", "git がリポジトリにアクセスできる"},
	{"CCM831", NetworkGroup, Error, symptom(6), checkUnexplained,
		"git does not reach the repository", "git does not fail",
		"git がリポジトリにアクセスできない", "git は失敗していない"},
	{"CCM401", PolicyGroup, Error, cause, checkRead,
		"the policies cannot be evaluated", "the policies were read",
		"ポリシーを判定できなかった", "ポリシーを読めた"},
	{"CCM101", PolicyGroup, Error, cause, checkDenied,
		"CodeCommit is denied without MFA", "CodeCommit is not denied for lack of MFA",
		"MFA がないので CodeCommit が拒否される", "MFA がないことで CodeCommit が拒否されることはない"},
	{"CCM102", PolicyGroup, Error, symptomOf("CCM101"), checkKMSDenied,
		"KMS is denied without MFA when CodeCommit calls it", "KMS is not denied to CodeCommit for lack of MFA",
		"CodeCommit が KMS を呼ぶとき、MFA がないので拒否される", "MFA がないことで CodeCommit からの KMS が拒否されることはない"},
	{"CCM103", PolicyGroup, Error, cause, judged((*policies.Case).DeniedWithMFA),
		"CodeCommit is denied even with MFA", "CodeCommit is not denied with MFA",
		"MFA があっても CodeCommit が拒否される", "MFA があれば CodeCommit は拒否されない"},
	{"CCM104", PolicyGroup, Error, cause, judged((*policies.Case).NotAllowed),
		"nothing allows CodeCommit", "CodeCommit is allowed",
		"CodeCommit を許可するものがない", "CodeCommit は許可されている"},
	{"CCM201", PolicyGroup, Warning, cause, judged((*policies.Case).Exempt),
		"CodeCommit is exempted from MFA", "CodeCommit is not exempted from MFA",
		"CodeCommit が MFA の対象から外されている", "CodeCommit は MFA の対象から外されていない"},
	{"CCM202", PolicyGroup, Warning, cause, judged((*policies.Case).KMSExempt),
		"KMS is exempted from MFA beyond CodeCommit", "KMS is not exempted from MFA beyond CodeCommit",
		"KMS が CodeCommit 以外でも MFA の対象から外されている", "KMS は CodeCommit 以外で MFA の対象から外されていない"},
	{"CCM203", PolicyGroup, Warning, cause, judged((*policies.Case).PlainBool),
		"a Deny with plain Bool lets long-term keys pass without MFA", "no Deny with plain Bool lets long-term keys pass",
		"単なる Bool なので長期的な認証情報が素通りする", "単なる Bool で長期的な認証情報を通す Deny はない"},
	{"CCM204", PolicyGroup, Warning, cause, judged((*policies.Case).LooseAllow),
		"an Allow with BoolIfExists lets long-term keys pass without MFA", "no Allow with BoolIfExists lets long-term keys pass",
		"BoolIfExists の Allow が長期的な認証情報も通す", "BoolIfExists で長期的な認証情報を通す Allow はない"},
	{"CCM205", PolicyGroup, Info, cause, checkAsked,
		"nothing asks for MFA", "MFA is asked for",
		"MFA を求めるステートメントがない", "MFA が求められている"},
	{"CCM301", PolicyGroup, Info, cause, judged((*policies.Case).AgeLimit),
		"an age limit ends sessions early", "no age limit ends sessions early",
		"MFA の経過時間の上限により、セッションが早く使えなくなる", "MFA の経過時間の上限で、セッションが早く使えなくなることはない"},
	{"CCM302", PolicyGroup, Warning, cause, judged((*policies.Case).ListDevicesDenied),
		"iam:ListMFADevices is denied without MFA", "iam:ListMFADevices is not denied without MFA",
		"iam:ListMFADevices が MFA なしで拒否される", "iam:ListMFADevices は MFA なしでも拒否されない"},
	{"CCM304", PolicyGroup, Info, cause, judged((*policies.Case).Depends),
		"some answers depend on what is not known here", "no answer depends on what is not known here",
		"ここではわからない値によって結果が変わる", "わからない値によって変わる結果はない"},
	{"CCM402", PolicyGroup, Warning, cause, checkSimulator,
		"IAM's simulator disagrees", "IAM's simulator agrees",
		"IAM のシミュレーターと結果が異なる", "IAM のシミュレーターと結果が一致する"},
}

// judged makes a check of a question about the policies. It is skipped where there
// are none, or they could not be read.
func judged(find func(*policies.Case) policies.Finding) func(*Evidence) Finding {
	return func(e *Evidence) Finding {
		if reason := e.notJudged(); reason != "" {
			return skipped(reason)
		}
		f := find(&e.Policies.Case)
		switch {
		case f.Skipped != "":
			return skipped(f.Skipped)
		case !f.Found:
			return fine(f.Detail...)
		}
		return Finding{Title: f.Title, Detail: f.Detail, Fix: f.Fix, Statements: f.Statements}
	}
}

const (
	offlineReason = "not asked: --offline"
	// configure mends most problems of git's configuration.
	configure = "git-credential-mfa configure"
)
