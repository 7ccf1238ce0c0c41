using BackupGuard.Verification;

namespace BackupGuard.Agent.Link;

/// <summary>What can go wrong between agent and server: BG159x. In every case the entries stay in the spool.</summary>
public static class LinkFindings
{
    public static readonly FindingKind Unreachable = new("BG1590", Severity.Warning,
        new("{subject} could not be reached, or cut the connection: {reason}.", "Check that the server runs and that the network lets this machine through; the entries are kept and sent later."),
        new("{subject} n’a pu être joint, ou a coupé la connexion : {reason}.", "Vérifiez que le serveur tourne et que le réseau laisse passer cette machine ; les entrées sont gardées et partiront plus tard."));

    public static readonly FindingKind CertificateWrong = new("BG1591", Severity.Error,
        new("{subject} presents the key {seen}; this agent was enrolled with {expected}: nothing was sent.", "Ask the server's administrator. If its key was changed on purpose, enrol again with --server-key; if not, somebody stands in between."),
        new("{subject} présente la clé {seen} ; cet agent a été enrôlé avec {expected} : rien n’a été envoyé.", "Demandez à l’administrateur du serveur. Si la clé a été changée exprès, enrôlez à nouveau avec --server-key ; sinon, quelqu’un s’est interposé."));

    public static readonly FindingKind CertificateUntrusted = new("BG1592", Severity.Error,
        new("The certificate of {subject} is trusted by nobody that this machine trusts ({reason}); its key is {seen}. Nothing was sent.",
            "On the server, read the key that it prints at start, or run: openssl x509 -in CERTIFICATE -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256. If it is the same, run enroll again with --server-key {seen}. If not, do not enrol."),
        new("Le certificat de {subject} n’est garanti par personne à qui cette machine fait confiance ({reason}) ; sa clé est {seen}. Rien n’a été envoyé.",
            "Sur le serveur, lisez la clé qu’il affiche au démarrage, ou lancez : openssl x509 -in CERTIFICAT -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256. Si c’est la même, relancez enroll avec --server-key {seen}. Sinon, n’enrôlez pas."));

    public static readonly FindingKind ServerFault = new("BG1593", Severity.Warning,
        new("{subject} failed with {status}{reason}.", "Look at the server's own log; the entries are kept and sent later."),
        new("{subject} a échoué avec {status}{reason}.", "Consultez le journal du serveur ; les entrées sont gardées et partiront plus tard."));

    public static readonly FindingKind TooSlow = new("BG1594", Severity.Warning,
        new("{subject} did not answer within {seconds} seconds.", "Look at the server's load and at the network; the entries are kept and sent later."),
        new("{subject} n’a pas répondu en {seconds} secondes.", "Examinez la charge du serveur et le réseau ; les entrées sont gardées et partiront plus tard."));

    public static readonly FindingKind AnswerWrong = new("BG1595", Severity.Error,
        new("The answer of {subject} cannot be believed: {reason}. None of it was followed.", "Check that this address is the BackupGuard server and not a proxy, and that both have compatible versions; the entries are kept."),
        new("La réponse de {subject} n’est pas crédible : {reason}. Rien n’en a été suivi.", "Vérifiez que cette adresse est bien le serveur BackupGuard et non un relais, et que les versions sont compatibles ; les entrées sont gardées."));

    public static readonly FindingKind Denied = new("BG1596", Severity.Error,
        new("{subject} refuses this agent with {status}{reason}.", "Follow what the server says; the entries are kept."),
        new("{subject} refuse cet agent avec {status}{reason}.", "Suivez ce que dit le serveur ; les entrées sont gardées."));

    public static readonly FindingKind EntryRefused = new("BG1597", Severity.Error,
        new("The server refused entry {subject}: {code} {reason}.", "The entry stays in the spool and is offered again every hour and at every start; later entries are sent meanwhile. Remove the cause that the server names."),
        new("Le serveur a refusé l’entrée {subject} : {code} {reason}.", "L’entrée reste dans la file et sera proposée à nouveau chaque heure et à chaque démarrage ; les suivantes partent entre-temps. Supprimez la cause que nomme le serveur."));

    public static readonly FindingKind ReceiptNotKept = new("BG1598", Severity.Warning,
        new("The server's receipt could not be noted in {subject}: {reason}.", "Free space or repair the disk; the entries will be sent once more, which does no harm."),
        new("L’accusé du serveur n’a pu être noté dans {subject} : {reason}.", "Libérez de l’espace ou réparez le disque ; les entrées seront envoyées une fois de plus, sans dommage."));
}
