[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("BackupGuard.Witness.Tests")]
