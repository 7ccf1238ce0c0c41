namespace BackupGuard.Evidence;

/// <summary>BG2001 to BG2009 a single entry, BG2010 to BG2019 the order of entries, BG2020 to BG2029 checkpoints and proofs.</summary>
public static class EvidenceProblems
{
    private const string KeepCopyEn = "Keep a copy of the log as it is, compare it with the copies kept elsewhere, and treat what it says as unknown until the cause is known.";
    private const string KeepCopyFr = "Gardez une copie du journal en l’état, comparez-la aux copies conservées ailleurs, et tenez ce qu’il dit pour inconnu tant que la cause ne l’est pas.";

    public static readonly ProblemKind Malformed = new("BG2001", ProblemSeverity.Error,
        new("{subject} is not an entry of the format backupguard.evidence/v1: {reason}.", KeepCopyEn),
        new("{subject} n’est pas une entrée au format backupguard.evidence/v1 : {reason}.", KeepCopyFr));

    public static readonly ProblemKind NotCanonical = new("BG2002", ProblemSeverity.Error,
        new("{subject} is not in canonical form (RFC 8785): the same content could have other bytes.", KeepCopyEn),
        new("{subject} n’est pas sous forme canonique (RFC 8785) : un même contenu pourrait avoir d’autres octets.", KeepCopyFr));

    public static readonly ProblemKind TooLarge = new("BG2003", ProblemSeverity.Error,
        new("{subject} has {bytes} bytes; an entry has at most {limit}.", "Record hashes of artefacts, not the artefacts."),
        new("{subject} compte {bytes} octets ; une entrée en compte au plus {limit}.", "Enregistrez les empreintes des pièces, non les pièces."));

    public static readonly ProblemKind SignatureWrong = new("BG2004", ProblemSeverity.Error,
        new("The signature of {subject} does not match: the entry or its signature was changed, or another key made it.", KeepCopyEn),
        new("La signature de {subject} ne correspond pas : l’entrée ou sa signature a été modifiée, ou une autre clé l’a faite.", KeepCopyFr));

    public static readonly ProblemKind KeyUnknown = new("BG2005", ProblemSeverity.Error,
        new("{subject} is signed with the key {key}, which nobody registered before.", "Find out which machine holds this key; enrol it if it is yours. The entry counts for nothing until then."),
        new("{subject} est signée par la clé {key}, que personne n’a enregistrée auparavant.", "Cherchez quelle machine détient cette clé ; enrôlez-la si elle est à vous. D’ici là l’entrée ne compte pas."));

    public static readonly ProblemKind KeyRetired = new("BG2006", ProblemSeverity.Error,
        new("{subject} is signed with the key {key}, which was retired before.", "Find out who still uses this key: a retired key may have been stolen."),
        new("{subject} est signée par la clé {key}, retirée auparavant.", "Cherchez qui utilise encore cette clé : une clé retirée a pu être volée."));

    public static readonly ProblemKind OriginMismatch = new("BG2007", ProblemSeverity.Error,
        new("{subject} speaks for {origin}, but its key {key} belongs to {owner}.", "Find out whether two machines share one identity; give each its own key and name."),
        new("{subject} parle au nom de {origin}, mais sa clé {key} appartient à {owner}.", "Cherchez si deux machines partagent une identité ; donnez à chacune sa clé et son nom."));

    public static readonly ProblemKind CounterGap = new("BG2010", ProblemSeverity.Error,
        new("{subject} has the counter {found}; {origin} was at {last}: entries are missing in between.", "Look for the missing entries in the spool of that machine and in older copies of the log; explain the gap with a later entry if they are lost."),
        new("{subject} porte le compteur {found} ; {origin} en était à {last} : des entrées manquent entre les deux.", "Cherchez les entrées manquantes dans la file de cette machine et dans d’anciennes copies du journal ; expliquez le trou par une entrée ultérieure si elles sont perdues."));

    public static readonly ProblemKind CounterRepeated = new("BG2011", ProblemSeverity.Error,
        new("{subject} repeats or goes back to the counter {found}; {origin} was at {last} already.", "Find out whether an entry was stored twice, or whether two machines (or a restored old state) use one key."),
        new("{subject} répète le compteur {found} ou y revient ; {origin} en était déjà à {last}.", "Cherchez si une entrée a été enregistrée deux fois, ou si deux machines (ou un ancien état restauré) utilisent une même clé."));

    public static readonly ProblemKind PreviousMismatch = new("BG2012", ProblemSeverity.Error,
        new("{subject} does not follow the entry before it of {origin}: the hash it names is another one.", KeepCopyEn),
        new("{subject} ne suit pas l’entrée précédente de {origin} : l’empreinte qu’elle nomme en est une autre.", KeepCopyFr));

    public static readonly ProblemKind IndexGap = new("BG2013", ProblemSeverity.Error,
        new("{subject} was expected at index {expected}: records were removed, repeated or put in another order.", KeepCopyEn),
        new("{subject} était attendu à l’indice {expected} : des enregistrements ont été retirés, répétés ou déplacés.", KeepCopyFr));

    public static readonly ProblemKind IntentOpen = new("BG2014", ProblemSeverity.Warning,
        new("{subject} ({type}) of {origin} announced work at {at} and no result followed.", "Take this work as inconclusive, look at that machine, and run it again."),
        new("{subject} ({type}) de {origin} annonçait un travail à {at} et aucun résultat n’a suivi.", "Tenez ce travail pour non conclusif, examinez cette machine et relancez-le."));

    public static readonly ProblemKind IntentUnknown = new("BG2015", ProblemSeverity.Error,
        new("{subject} closes the intent {intent}, which {origin} never opened or had closed already.", "Do not count this result; find out which program wrote it."),
        new("{subject} clôt l’intention {intent}, que {origin} n’avait pas ouverte ou avait déjà close.", "Ne comptez pas ce résultat ; cherchez quel programme l’a écrit."));

    public static readonly ProblemKind RegistrationWrong = new("BG2016", ProblemSeverity.Error,
        new("{subject} registers or retires a key and cannot be followed: {reason}.", KeepCopyEn),
        new("{subject} enregistre ou retire une clé et ne peut être suivie : {reason}.", KeepCopyFr));

    public static readonly ProblemKind CheckpointMalformed = new("BG2020", ProblemSeverity.Error,
        new("{subject} is not a signed checkpoint: {reason}.", KeepCopyEn),
        new("{subject} n’est pas un point de contrôle signé : {reason}.", KeepCopyFr));

    public static readonly ProblemKind CheckpointSignatureWrong = new("BG2021", ProblemSeverity.Error,
        new("The signature of {subject} does not match the key {key}.", KeepCopyEn),
        new("La signature de {subject} ne correspond pas à la clé {key}.", KeepCopyFr));

    public static readonly ProblemKind CheckpointUnsigned = new("BG2022", ProblemSeverity.Error,
        new("{subject} carries no signature of the log's key {key}.", "Check that the right public key of the server was given; otherwise do not trust this checkpoint."),
        new("{subject} ne porte aucune signature de la clé {key} du journal.", "Vérifiez que la bonne clé publique du serveur a été donnée ; sinon ne vous fiez pas à ce point de contrôle."));

    public static readonly ProblemKind CheckpointOfAnotherLog = new("BG2023", ProblemSeverity.Error,
        new("{subject} belongs to the log {found}, not to {origin}.", "Look for the checkpoint of this log; find out how the other one came here."),
        new("{subject} appartient au journal {found}, non à {origin}.", "Cherchez le point de contrôle de ce journal ; cherchez comment l’autre est arrivé ici."));

    public static readonly ProblemKind RootDiffers = new("BG2024", ProblemSeverity.Error,
        new("{subject} was signed with the root {signed}; the first {size} entries of this log give {computed}: an entry was changed, removed or moved.", KeepCopyEn),
        new("{subject} a été signé avec la racine {signed} ; les {size} premières entrées de ce journal donnent {computed} : une entrée a été modifiée, retirée ou déplacée.", KeepCopyFr));

    public static readonly ProblemKind LogShorter = new("BG2025", ProblemSeverity.Error,
        new("{subject} covers {size} entries; the log has {found}: its end was lost or an old state was restored.", "Stop writing to this log, bring back the missing entries from the copies and from the agents' spools, then check again."),
        new("{subject} couvre {size} entrées ; le journal en a {found} : sa fin est perdue ou un ancien état a été restauré.", "Cessez d’écrire dans ce journal, rapportez les entrées manquantes depuis les copies et les files des agents, puis vérifiez à nouveau."));

    public static readonly ProblemKind Fork = new("BG2026", ProblemSeverity.Error,
        new("{subject} contradicts another signed checkpoint of the same size: two versions of the log were shown.", "Keep both checkpoints: together they prove that the server, or whoever holds its key, said two different things."),
        new("{subject} contredit un autre point de contrôle signé de même taille : deux versions du journal ont été montrées.", "Gardez les deux points de contrôle : ensemble ils prouvent que le serveur, ou qui détient sa clé, a dit deux choses différentes."));

    public static readonly ProblemKind ProofWrong = new("BG2027", ProblemSeverity.Error,
        new("The proof for {subject} does not lead to the signed root: {reason}.", "Ask for the proof again; if it stays wrong, treat the entry as absent from the log."),
        new("La preuve de {subject} ne mène pas à la racine signée : {reason}.", "Redemandez la preuve ; si elle reste fausse, tenez l’entrée pour absente du journal."));
}
