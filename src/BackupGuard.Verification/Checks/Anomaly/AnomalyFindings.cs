namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Whether what is inside is still our data. BG42xx.</summary>
public static class AnomalyFindings
{
    public static readonly FindingKind Infected = new("BG4201", Severity.Error,
        new("The contents of snapshot {subject} were encrypted or destroyed, as far as can be told: {reasons}. {clean} Confidence: {confidence}.",
            "Freeze retention and pruning of this repository now. Keep this snapshot as evidence, restore nothing from it, alert the crisis cell; start from the last clean snapshot named above."),
        new("Le contenu de l’instantané {subject} a été chiffré ou détruit, pour autant qu’on puisse en juger : {reasons}. {clean} Confiance : {confidence}.",
            "Gelez dès maintenant la rétention et la purge de ce dépôt. Gardez cet instantané comme preuve, n’en restaurez rien, alertez la cellule de crise ; repartez du dernier instantané sain nommé ci-dessus."));

    public static readonly FindingKind Suspicious = new("BG4202", Severity.Warning,
        new("The contents of snapshot {subject} are suspicious: {reasons}. {clean} Confidence: {confidence}.",
            "Freeze retention and pruning of this repository until a person has looked. If the change was intended: backupguard-agent signals accept, with a reason; else treat it as an attack."),
        new("Le contenu de l’instantané {subject} est suspect : {reasons}. {clean} Confiance : {confidence}.",
            "Gelez la rétention et la purge de ce dépôt jusqu’à ce qu’une personne ait vérifié. Si le changement était voulu : backupguard-agent signals accept, avec un motif ; sinon, traitez-le comme une attaque."));

    public static readonly FindingKind CanaryHurt = new("BG4203", Severity.Error,
        new("The canary {subject} is not in snapshot {snapshot} as it was planted: {reason}.", "Nobody has a reason to touch this file. Freeze retention, and look at the machine of the source now; if its folder is no longer backed up, say so and rotate the canaries."),
        new("Le fichier témoin {subject} n’est pas dans l’instantané {snapshot} tel qu’il a été posé : {reason}.", "Personne n’a de raison de toucher à ce fichier. Gelez la rétention et examinez sans attendre la machine source ; si son dossier n’est plus sauvegardé, dites-le et renouvelez les témoins."));

    public static readonly FindingKind NoSignSeen = new("BG4204", Severity.Info,
        new("No sign of encryption was seen in snapshot {subject}; that does not make it clean: {reason}. Confidence: {confidence}.", "Plant canaries in each source (backupguard-agent signals plant) or prove this snapshot by a drill."),
        new("Aucun signe de chiffrement n’a été vu dans l’instantané {subject} ; cela ne le rend pas sain : {reason}. Confiance : {confidence}.", "Posez des fichiers témoins dans chaque source (backupguard-agent signals plant) ou prouvez cet instantané par un test de restauration."));

    public static readonly FindingKind Clean = new("BG4205", Severity.Info,
        new("Snapshot {subject} is clean as far as was looked: {reason}. Confidence: {confidence}.", "Nothing to do; the next snapshot is judged anew."),
        new("L’instantané {subject} est sain, dans la limite de ce qui a été examiné : {reason}. Confiance : {confidence}.", "Rien à faire ; le prochain instantané sera jugé à nouveau."));

    public static readonly FindingKind StageNotRun = new("BG4206", Severity.Info,
        new("The stage {stage} did not see everything of snapshot {subject}: {reason}.", "The verdict stands on the other stages; give this one what it needs."),
        new("L’étape « {stage} » n’a pas tout vu de l’instantané {subject} : {reason}.", "Le verdict repose sur les autres étapes ; donnez à celle-ci ce qui lui manque."));

    public static readonly FindingKind NotJudged = new("BG4207", Severity.Warning,
        new("Nothing can be said about the contents of snapshot {subject}: {reason}.", "Nothing was compared, so nothing is clean. Verify again after the next backup, or repair what could not be read."),
        new("On ne peut rien dire du contenu de l’instantané {subject} : {reason}.", "Rien n’a été comparé, donc rien n’est sain. Vérifiez à nouveau après la prochaine sauvegarde, ou réparez ce qui n’a pas pu être lu."));

    public static readonly FindingKind DoubtStands = new("BG4208", Severity.Warning,
        new("Snapshot {subject} of {time} was found {verdict} and nobody has answered for it. {clean} What was seen: {reasons}.",
            "Keep retention frozen. Look at it, then either accept it with a reason (backupguard-agent signals accept) or start recovery from the last clean snapshot."),
        new("L’instantané {subject} du {time} a été jugé {verdict} et personne n’en a répondu. {clean} Ce qui a été vu : {reasons}.",
            "Maintenez la rétention gelée. Examinez-le, puis acceptez-le avec un motif (backupguard-agent signals accept) ou repartez du dernier instantané sain."));

    public static readonly FindingKind Announced = new("BG4209", Severity.Info,
        new("{count} changes in snapshot {subject} fall into an announced window ({reason}): written down, not counted.", "Check that the announced work is what changed them."),
        new("{count} modifications de l’instantané {subject} relèvent d’une période annoncée ({reason}) : notées, non comptées.", "Vérifiez que ce sont bien les travaux annoncés qui les ont causées."));

    public static readonly FindingKind Accepted = new("BG4210", Severity.Info,
        new("Snapshot {subject} shows signs ({reasons}) that {by} accepted: {reason}.", "Nothing to do; withdraw the acceptance if it was wrong, and treat the snapshot as infected."),
        new("L’instantané {subject} présente des signes ({reasons}) que {by} a acceptés : {reason}.", "Rien à faire ; si l’acceptation était une erreur, retirez-la et traitez l’instantané comme infecté."));

    public static readonly FindingKind CanariesUnreadable = new("BG4212", Severity.Warning,
        new("The register of canaries {subject} cannot be used: {reason}.", "Bring the register back, or plant new canaries (backupguard-agent signals plant); until then nothing can be called clean."),
        new("Le registre des fichiers témoins {subject} est inutilisable : {reason}.", "Rétablissez le registre, ou posez de nouveaux témoins (backupguard-agent signals plant) ; d’ici là rien ne peut être dit sain."));

    public static readonly FindingKind MemoryLost = new("BG4211", Severity.Warning,
        new("The memory of earlier looks at {subject} cannot be used: {reason}.", "What is normal is learnt anew from the snapshots that are there; find out who changed the file in the agent's state folder."),
        new("La mémoire des examens précédents de {subject} est inutilisable : {reason}.", "Ce qui est normal est réappris des instantanés présents ; cherchez qui a modifié le fichier dans le dossier d’état de l’agent."));
}
