using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace BackupGuard.Evidence.Tests;

/// <summary>The authority of the openssl command, with the clock of this machine.</summary>
internal sealed class OpenSslTsa : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-tsa-").FullName;

    public OpenSslTsa()
    {
        File.WriteAllText(Of("tsa.cnf"), $"""
            [req]
            distinguished_name = name
            [name]
            [root]
            basicConstraints = critical,CA:TRUE
            [signer]
            extendedKeyUsage = critical,timeStamping
            keyUsage = critical,digitalSignature
            [tsa]
            serial = {Of("serial")}
            default_policy = 1.2.3.4.1
            digests = sha256
            signer_digest = sha256
            accuracy = secs:1
            tsa_name = yes
            ess_cert_id_alg = sha256
            """);
        Run("req", "-x509", "-config", Of("tsa.cnf"), "-extensions", "root", "-newkey", "rsa:2048", "-nodes", "-keyout", Of("root.key"), "-out", Of("root.pem"), "-subj", "/CN=Racine", "-days", "30");
        Run("req", "-config", Of("tsa.cnf"), "-newkey", "rsa:2048", "-nodes", "-keyout", Of("tsa.key"), "-out", Of("tsa.csr"), "-subj", "/CN=Horodatage");
        Run("x509", "-req", "-in", Of("tsa.csr"), "-CA", Of("root.pem"), "-CAkey", Of("root.key"), "-CAcreateserial", "-out", Of("tsa.pem"), "-days", "20", "-extfile", Of("tsa.cnf"), "-extensions", "signer");
        Root = X509CertificateLoader.LoadCertificateFromFile(Of("root.pem"));
    }

    public X509Certificate2 Root { get; }

    public string Line(string name) => $"tsa {name} {Convert.ToBase64String(Root.RawData)}\n";

    /// <returns>What the authority answers, whole.</returns>
    public byte[] Answer(byte[] request)
    {
        File.WriteAllBytes(Of("request"), request);
        Run("ts", "-reply", "-config", Of("tsa.cnf"), "-section", "tsa", "-queryfile", Of("request"), "-signer", Of("tsa.pem"), "-inkey", Of("tsa.key"), "-out", Of("answer"));
        return File.ReadAllBytes(Of("answer"));
    }

    public void Dispose()
    {
        Root.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Of(string name) => Path.Combine(folder, name);

    private static void Run(params string[] arguments)
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;     // starts or throws
        var error = openssl.StandardError.ReadToEnd();
        openssl.WaitForExit();
        if (openssl.ExitCode != 0) throw new InvalidOperationException($"openssl {arguments[0]}: {error}");
    }
}
