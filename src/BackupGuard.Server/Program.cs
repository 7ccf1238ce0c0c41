using System.CommandLine;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Features.Definitions;
using BackupGuard.Server.Features.Evidence.Mail;
using BackupGuard.Server.Features.Evidence.Packs;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Hosting;

var root = new RootCommand("BackupGuard: signed proofs of restorable backups, turned into an honest readiness answer.")
{
    RunVerb.Create(),
    FsckVerb.Create(),
    EvidencePackVerb.Create(),
    TilesVerb.Create(),
    MailCheckpointVerb.Create(),
    CrisisPackVerb.Create(),
    LintVerb.Create(),
    CacaoVerb.Create(),
    AccountVerbs.Create(),
    AgentVerbs.Create(),
};
return await CommandLine.InvokeAsync(root, args);
