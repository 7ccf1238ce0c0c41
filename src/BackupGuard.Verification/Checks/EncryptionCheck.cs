namespace BackupGuard.Verification.Checks;

/// <summary>Is the copy encrypted, and how well? Judged by having opened it. Pure.</summary>
public static class EncryptionCheck
{
    public static IEnumerable<Finding> Judge(string subject, Protection protection, CopyPolicy policy)
    {
        if (!protection.IsKnown)
        {
            yield return EncryptionFindings.NotSeen.At(subject);
            yield break;
        }
        if (!protection.IsEncrypted) yield return (policy.EncryptionRequired ? EncryptionFindings.PlainRefused : EncryptionFindings.Plain).At(subject);
        if (protection.Weakness is { } weakness) yield return EncryptionFindings.Weak.At(subject, ("cipher", protection.Cipher), ("weakness", weakness));
    }
}

/// <summary>BG403x.</summary>
public static class EncryptionFindings
{
    public static readonly FindingKind Plain = new("BG4030", Severity.Warning,
        new("{subject} is not encrypted: whoever steals this copy reads it.", "Encrypt the backup or the disk that it lies on, and keep the key away from both. Write \"encryption: required\" to make this an error."),
        new("{subject} n’est pas chiffré : qui vole cette copie la lit.", "Chiffrez la sauvegarde ou le disque qui la porte et gardez la clé ailleurs. Écrivez « encryption: required » pour en faire une erreur."));

    public static readonly FindingKind PlainRefused = new("BG4031", Severity.Error,
        new("{subject} is not encrypted, and it has to be.", "Encrypt the backup, and remove this copy once an encrypted one is proved."),
        new("{subject} n’est pas chiffré alors qu’il doit l’être.", "Chiffrez la sauvegarde et supprimez cette copie une fois qu’une copie chiffrée est prouvée."));

    public static readonly FindingKind SecretReadable = new("BG4033", Severity.Warning,
        new("{subject} is {secret}, readable in a copy that is not encrypted.", "Change this secret if the copy may have been seen by others, encrypt the copy, and leave the file out of plain backups."),
        new("{subject} est {secret}, lisible dans une copie non chiffrée.", "Changez ce secret si la copie a pu être vue, chiffrez la copie et excluez ce fichier des sauvegardes en clair."));

    public static readonly FindingKind NotSeen = new("BG4034", Severity.Warning,
        new("Whether {subject} is encrypted was seen by nobody: its tool reads it, not this agent.", "Look once by hand, and read the format natively where this agent can. Where \"encryption: required\" is written, the copy stays inconclusive."),
        new("Personne n’a vu si {subject} est chiffré : c’est son outil qui le lit, pas cet agent.", "Regardez une fois à la main, et faites lire ce format par l’agent s’il le peut. Là où « encryption: required » est écrit, la copie reste non concluante."));

    public static readonly FindingKind Weak = new("BG4032", Severity.Warning,
        new("{subject} is encrypted ({cipher}), but {weakness}.", "Add a key with a strong derivation, put it into the sealed envelope, and remove the weak one."),
        new("{subject} est chiffré ({cipher}), mais {weakness}.", "Ajoutez une clé à dérivation forte, mettez-la dans l’enveloppe scellée et supprimez la clé faible."));
}
