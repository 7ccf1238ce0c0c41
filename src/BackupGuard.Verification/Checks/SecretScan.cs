using System.Text;

namespace BackupGuard.Verification.Checks;

/// <summary>One kind of secret.</summary>
/// <param name="Mark">One bit, kept in coverage memories: never given to another kind.</param>
public sealed record ReadableSecret(byte Mark, Words Words);

/// <summary>Secrets that lie readable in a plain copy: whoever steals the copy has the keys to the rest of the hospital. Looks at names and at the beginning of files, and never keeps what it saw.</summary>
/// <remarks>Few and sure patterns: a list that cries at every "password" in a manual is switched off in a week.</remarks>
public static class SecretScan
{
    /// <summary>How much of a file is looked at.</summary>
    public const int HeadBytes = 256 * 1024;

    private static readonly ReadableSecret PrivateKey = new(1, new("a private key", "une clé privée"));
    private static readonly ReadableSecret PasswordFile = new(2, new("a file of passwords", "un fichier de mots de passe"));
    private static readonly ReadableSecret ConnectionString = new(4, new("a connection string with its password", "une chaîne de connexion avec son mot de passe"));
    private static readonly ReadableSecret CredentialTable = new(8, new("a dump of a table of credentials", "l’export d’une table d’identifiants"));
    private static readonly ReadableSecret Directory = new(16, new("a directory database with its password hashes", "une base d’annuaire avec ses empreintes de mots de passe"));
    private static readonly ReadableSecret CloudKey = new(32, new("an access key of a storage service", "une clé d’accès à un service de stockage"));

    private static readonly Dictionary<string, ReadableSecret> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        [".pgpass"] = PasswordFile, ["pgpass.conf"] = PasswordFile, [".my.cnf"] = PasswordFile, ["shadow"] = PasswordFile, [".netrc"] = PasswordFile, [".htpasswd"] = PasswordFile,
        ["ntds.dit"] = Directory, ["secrets.ldb"] = Directory, ["krb5.keytab"] = PrivateKey,
    };

    private static readonly ReadableSecret[] All = [PrivateKey, PasswordFile, ConnectionString, CredentialTable, Directory, CloudKey];

    /// <summary>What a coverage memory says was seen.</summary>
    public static IEnumerable<ReadableSecret> Of(byte marks) => All.Where(s => (marks & s.Mark) != 0);

    /// <summary>Whether the name alone says that the file, if anything is in it, may be a secret.</summary>
    public static bool IsTelling(ReadOnlySpan<byte> path) => NameOf(path) is var name && (Names.ContainsKey(name) || name.Equals("SAM", StringComparison.OrdinalIgnoreCase));

    private static string NameOf(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path[(path.LastIndexOf((byte)'/') + 1)..]);

    /// <returns>What it is, or null. Empty files and public parts are nothing.</returns>
    public static ReadableSecret? Look(ReadOnlySpan<byte> path, ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty) return null;
        if (head.Length > HeadBytes) head = head[..HeadBytes];
        var name = NameOf(path);
        if (Names.TryGetValue(name, out var byName) && (name != "shadow" || head.IndexOf(":$"u8) >= 0)) return byName;
        for (var at = head.IndexOf("-----BEGIN "u8); at >= 0;)
        {
            var line = head[at..];
            if (line.IndexOf((byte)'\n') is var end and >= 0) line = line[..end];
            // RFC 7468 §10-11, OpenSSH's and PuTTY-style keys: a key behind a passphrase is still a secret worth a word.
            if (line.IndexOf("PRIVATE KEY-----"u8) >= 0) return PrivateKey;
            var next = head[(at + 11)..].IndexOf("-----BEGIN "u8);
            at = next < 0 ? -1 : at + 11 + next;
        }
        if (head.StartsWith("PuTTY-User-Key-File-"u8)) return PrivateKey;
        if (head.StartsWith("regf"u8) && name.Equals("SAM", StringComparison.OrdinalIgnoreCase)) return Directory;
        if (HasConnectionString(head)) return ConnectionString;
        if (head.IndexOf("CREATE ROLE "u8) >= 0 && (head.IndexOf("PASSWORD 'SCRAM-SHA-256$"u8) >= 0 || head.IndexOf("PASSWORD 'md5"u8) >= 0)) return CredentialTable;
        // pg_authid of a base backup: a table of the whole cluster, as its pages.
        if (path.StartsWith("global/"u8) && head.IndexOf("SCRAM-SHA-256$"u8) >= 0) return CredentialTable;
        if (head.IndexOf("INSERT INTO `user` VALUES"u8) >= 0 && head.IndexOf("mysql_native_password"u8) >= 0) return CredentialTable;
        if (head.IndexOf("aws_secret_access_key"u8) >= 0 || head.IndexOf("AccountKey="u8) >= 0) return CloudKey;
        return null;
    }

    /// <summary>"Password=…;" in the same string as a server (ADO.NET, JDBC), or user:password@ in an address of a database.</summary>
    private static bool HasConnectionString(ReadOnlySpan<byte> head)
    {
        return HasPasswordBesideServer(head, "Password="u8) || HasPasswordBesideServer(head, "password="u8) || HasPasswordBesideServer(head, "Pwd="u8) || HasPasswordBesideServer(head, "pwd="u8)
            || HasUserAndPassword(head, "postgres://"u8) || HasUserAndPassword(head, "postgresql://"u8) || HasUserAndPassword(head, "mysql://"u8) || HasUserAndPassword(head, "mongodb://"u8)
            || HasUserAndPassword(head, "ldap://"u8) || Contains(head, "ldapbindpasswd="u8);
    }

    private static bool HasPasswordBesideServer(ReadOnlySpan<byte> head, ReadOnlySpan<byte> word)
    {
        for (var at = head.IndexOf(word); at >= 0;)
        {
            var around = head[Math.Max(0, at - 300)..Math.Min(head.Length, at + 300)];
            var value = head[(at + word.Length)..];
            // A placeholder is no password.
            var isGiven = value.Length > 0 && ";\"' ${%\r\n*<"u8.IndexOf(value[0]) < 0;
            if (isGiven && (Contains(around, "Server="u8) || Contains(around, "Data Source="u8) || Contains(around, "Host="u8) || Contains(around, "host="u8) || Contains(around, "jdbc:"u8))) return true;
            var next = value.IndexOf(word);
            at = next < 0 ? -1 : at + word.Length + next;
        }
        return false;
    }

    private static bool HasUserAndPassword(ReadOnlySpan<byte> head, ReadOnlySpan<byte> scheme)
    {
        var begin = head.IndexOf(scheme);
        if (begin < 0) return false;
        var rest = head[(begin + scheme.Length)..];
        if (rest.Length > 200) rest = rest[..200];
        var end = rest.IndexOfAny("/ \r\n\""u8);
        if (end >= 0) rest = rest[..end];
        var at = rest.IndexOf((byte)'@');
        var colon = rest.IndexOf((byte)':');
        return colon > 0 && at > colon + 1 && "${<*%"u8.IndexOf(rest[colon + 1]) < 0;
    }

    private static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.IndexOf(word) >= 0;
}
