using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("BackupGuard.Continuity.Tests")]
