namespace BackupGuard.Evidence;

/// <summary>BG2001 to BG2009 a single entry, BG2010 to BG2019 the order of entries, BG2020 to BG2029 checkpoints, proofs and policies, BG2030 to BG2049 packs and tiles, BG2050 to BG2059 time stamps.</summary>
public static class EvidenceProblems
{
    private const string KeepCopyEn = "Keep a copy of the log as it is, compare it with the copies kept elsewhere, and treat what it says as unknown until the cause is known.";
    private const string KeepCopyFr = "Gardez une copie du journal en l’état, comparez-la aux copies conservées ailleurs, et tenez ce qu’il dit pour inconnu tant que la cause ne l’est pas.";

    private const string AskAgainEn = "Ask the hospital for the pack again and compare the two; do not count what this one says.";
    private const string AskAgainFr = "Redemandez le dossier à l’établissement et comparez les deux ; ne comptez pas ce que dit celui-ci.";

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

    public static readonly ProblemKind GapDeclared = new("BG2017", ProblemSeverity.Warning,
        new("Before {subject} the entries {first} to {last} of {origin} are missing; its own entry {counter} says that they were lost on its disk.", "Look at that machine's disk and at the files that it set aside; repeat the checks whose results were lost."),
        new("Avant {subject} manquent les entrées {first} à {last} de {origin} ; sa propre entrée {counter} dit qu’elles ont été perdues sur son disque.", "Examinez le disque de cette machine et les fichiers qu’elle a mis de côté ; refaites les contrôles dont le résultat est perdu."));

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

    public static readonly ProblemKind ClockOff = new("BG2018", ProblemSeverity.Warning,
        new("The clock of {origin} was wrong when it signed {subject}: the entry says {at}, the log says {bound} ({direction}).", "Correct that machine's clock. The order of the entries is that of their counters and holds; dates by this clock do not."),
        new("L’horloge de {origin} était fausse quand il a signé {subject} : l’entrée dit {at}, le journal dit {bound} ({direction}).", "Corrigez l’horloge de cette machine. L’ordre des entrées est celui de leurs compteurs et reste sûr ; les dates de cette horloge ne le sont pas."));

    public static readonly ProblemKind ProofMalformed = new("BG2028", ProblemSeverity.Error,
        new("{subject} is not a proof file: {reason}.", AskAgainEn),
        new("{subject} n’est pas un fichier de preuve : {reason}.", AskAgainFr));

    public static readonly ProblemKind PolicyMalformed = new("BG2029", ProblemSeverity.Error,
        new("{subject} cannot be followed: {reason}.", "Correct that line; FORMAT.md, section 12, says what may stand there."),
        new("{subject} ne peut être suivie : {reason}.", "Corrigez cette ligne ; la section 12 de FORMAT.md dit ce qui peut s’y trouver."));

    public static readonly ProblemKind PackUnreadable = new("BG2030", ProblemSeverity.Error,
        new("{subject} is not an archive that can be read: {reason}.", AskAgainEn),
        new("{subject} n’est pas une archive lisible : {reason}.", AskAgainFr));

    public static readonly ProblemKind PackNameRefused = new("BG2031", ProblemSeverity.Error,
        new("{subject} holds a file that must not be there, '{name}': {reason}.", "Do not unpack it: a name may be made to write outside the folder. Find out who changed the pack, and ask for it again."),
        new("{subject} contient un fichier qui ne doit pas y être, « {name} » : {reason}.", "Ne la décompressez pas : un nom peut être fait pour écrire hors du dossier. Cherchez qui l’a modifiée, et redemandez-la."));

    public static readonly ProblemKind PackTooLarge = new("BG2032", ProblemSeverity.Error,
        new("{subject} is larger than it may be: {what} is {found}, the limit is {limit}.", "If it is genuine, ask for a shorter period; otherwise somebody built it to exhaust this machine."),
        new("{subject} dépasse la taille permise : {what} vaut {found}, la limite est {limit}.", "Si elle est authentique, demandez une période plus courte ; sinon, elle a été faite pour épuiser cette machine."));

    public static readonly ProblemKind ManifestMalformed = new("BG2033", ProblemSeverity.Error,
        new("The manifest is not of the format backupguard.evidence-pack/v1: {reason}.", AskAgainEn),
        new("Le manifeste n’est pas au format backupguard.evidence-pack/v1 : {reason}.", AskAgainFr));

    public static readonly ProblemKind FileDiffers = new("BG2034", ProblemSeverity.Error,
        new("{subject} is not the file that the manifest names: it was changed after the pack was made.", AskAgainEn),
        new("{subject} n’est pas le fichier que nomme le manifeste : il a été modifié après la constitution du dossier.", AskAgainFr));

    public static readonly ProblemKind FileMissing = new("BG2035", ProblemSeverity.Error,
        new("{subject} is missing: what it would show cannot be checked.", AskAgainEn),
        new("{subject} manque : ce qu’il montrerait ne peut être vérifié.", AskAgainFr));

    public static readonly ProblemKind ManifestSignatureWrong = new("BG2036", ProblemSeverity.Error,
        new("The signature of the manifest does not match the log's key {key}: the list of what belongs to the pack was changed.", AskAgainEn),
        new("La signature du manifeste ne correspond pas à la clé {key} du journal : la liste de ce que contient le dossier a été modifiée.", AskAgainFr));

    public static readonly ProblemKind FileUnnamed = new("BG2037", ProblemSeverity.Error,
        new("{subject} is not in the manifest: somebody added it after the pack was made.", AskAgainEn),
        new("{subject} n’est pas dans le manifeste : quelqu’un l’a ajouté après la constitution du dossier.", AskAgainFr));

    public static readonly ProblemKind ManifestContradicted = new("BG2038", ProblemSeverity.Error,
        new("The manifest says something else than the signed entries about {subject}: {reason}.", KeepCopyEn),
        new("Le manifeste dit autre chose que les entrées signées à propos de {subject} : {reason}.", KeepCopyFr));

    public static readonly ProblemKind PackEmpty = new("BG2039", ProblemSeverity.Error,
        new("{subject} holds no entry that was asked for: it proves nothing.", "Do not read it as good news. Ask what was looked for, and whether anybody ever tested it."),
        new("{subject} ne contient aucune des entrées demandées : il ne prouve rien.", "N’y voyez pas une bonne nouvelle. Demandez ce qui était cherché, et si quelqu’un l’a jamais testé."));

    public static readonly ProblemKind PolicyNotMet = new("BG2040", ProblemSeverity.Error,
        new("{subject} does not meet the policy: {reason}.", "Ask for a pack whose checkpoint the required witnesses have cosigned, or decide who may lower the policy."),
        new("{subject} ne satisfait pas la politique : {reason}.", "Demandez un dossier dont le point de contrôle est cosigné par les témoins exigés, ou décidez qui peut abaisser la politique."));

    public static readonly ProblemKind TileDiffers = new("BG2041", ProblemSeverity.Error,
        new("{subject} does not hold the hashes of the entries.", KeepCopyEn),
        new("{subject} ne contient pas les empreintes des entrées.", KeepCopyFr));

    public static readonly ProblemKind BundleMalformed = new("BG2042", ProblemSeverity.Error,
        new("{subject} is not a bundle of {width} parts: {reason}.", KeepCopyEn),
        new("{subject} n’est pas un paquet de {width} parts : {reason}.", KeepCopyFr));

    public static readonly ProblemKind CosignatureWrong = new("BG2043", ProblemSeverity.Error,
        new("A cosignature under {subject} does not match the witness {key}.", KeepCopyEn),
        new("Une contresignature sous {subject} ne correspond pas au témoin {key}.", KeepCopyFr));

    public static readonly ProblemKind TimeStampRequestMalformed = new("BG2050", ProblemSeverity.Error,
        new("{subject} has a request that is none: it cannot be told what was asked.", AskAgainEn),
        new("{subject} a une demande qui n’en est pas une : on ne peut dire ce qui était demandé.", AskAgainFr));

    public static readonly ProblemKind TimeStampOfAnother = new("BG2051", ProblemSeverity.Error,
        new("{subject} is not one of this checkpoint: {reason}.", AskAgainEn),
        new("{subject} n’est pas celui de ce point de contrôle : {reason}.", AskAgainFr));

    public static readonly ProblemKind TimeStampUntrusted = new("BG2052", ProblemSeverity.Error,
        new("{subject} was not given by the authority that the policy names: {reason}.", "Check the authority's root in the policy against what it publishes; if it is right, the time stamp proves nothing and somebody put it there."),
        new("{subject} n’a pas été donné par l’autorité que nomme la politique : {reason}.", "Comparez la racine de l’autorité dans la politique à celle qu’elle publie ; si elle est juste, l’horodatage ne prouve rien et quelqu’un l’a mis là."));

    public static readonly ProblemKind TimeStampContradicted = new("BG2053", ProblemSeverity.Error,
        new("{subject} says {at}, and {other} says {bound}: one of two clocks that must be right was wrong.", "Ask the authority whether it gave this time stamp, and the hospital when its server's clock was set; until then no date here is proved."),
        new("{subject} dit {at}, et {other} dit {bound} : l’une de deux horloges qui doivent être justes était fausse.", "Demandez à l’autorité si elle a donné cet horodatage, et à l’établissement quand l’horloge de son serveur a été réglée ; d’ici là aucune date n’est prouvée ici."));

    public static readonly ProblemKind TimeStampUnjudged = new("BG2054", ProblemSeverity.Warning,
        new("{subject} is there and was not judged: the policy names no authority {authority}.", "It proves nothing to you. To count it, put the authority and its root, which it publishes itself, into the policy."),
        new("{subject} est là et n’a pas été jugé : la politique ne nomme aucune autorité {authority}.", "Il ne vous prouve rien. Pour le compter, mettez dans la politique l’autorité et sa racine, qu’elle publie elle-même."));

    public static readonly ProblemKind TimeStampLate = new("BG2055", ProblemSeverity.Warning,
        new("The time-stamp authority {subject} did not stamp this log (last time stamp: {since}): {reason}.", "Nothing waits for it. See whether its address answers from this server; until it does, the newest dates rest on clocks of this house alone."),
        new("L’autorité d’horodatage {subject} n’a pas horodaté ce journal (dernier horodatage : {since}) : {reason}.", "Rien ne l’attend. Voyez si son adresse répond depuis ce serveur ; d’ici là les dates les plus récentes ne reposent que sur les horloges de cette maison."));

    public static readonly ProblemKind CheckpointNotMailed = new("BG2057", ProblemSeverity.Warning,
        new("{subject} was not mailed to those who keep it outside (last: {since}): {reason}.", "Nothing waits for it, and it is tried again. See to the mail server; until it takes mail, nobody outside holds a newer checkpoint this way."),
        new("{subject} n’a pas été envoyé à ceux qui le gardent au-dehors (dernier envoi : {since}) : {reason}.", "Rien ne l’attend, et l’envoi sera refait. Voyez le serveur de courrier ; d’ici là personne au-dehors ne détient ainsi de point de contrôle plus récent."));

    public static readonly ProblemKind TimeStampFarOff = new("BG2056", ProblemSeverity.Warning,
        new("The time-stamp authority {subject} says {at}, this server's clock {now}: they differ by more than {limit}, and the time stamp was not kept.", "Compare both with a third clock and set the wrong one right."),
        new("L’autorité d’horodatage {subject} dit {at}, l’horloge de ce serveur {now} : plus de {limit} d’écart, et l’horodatage n’a pas été gardé.", "Comparez les deux à une troisième horloge et réglez celle qui est fausse."));
}
