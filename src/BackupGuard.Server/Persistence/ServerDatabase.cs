using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BackupGuard.Server.Persistence;

/// <summary>The one database: people, agents, the evidence log and what is derived from it. One class for each engine, since migrations belong to a class.</summary>
internal abstract class ServerDatabase(DbContextOptions options) : IdentityDbContext<Person, IdentityRole, string>(options)
{
    public DbSet<Person> People => Set<Person>();
    public DbSet<OneTimeCode> OneTimeCodes => Set<OneTimeCode>();
    public DbSet<EnrolmentToken> EnrolmentTokens => Set<EnrolmentToken>();
    public DbSet<ContactRow> Contacts => Set<ContactRow>();
    public DbSet<EntryRow> Entries => Set<EntryRow>();
    public DbSet<CheckpointRow> Checkpoints => Set<CheckpointRow>();
    public DbSet<TimeStampRow> TimeStamps => Set<TimeStampRow>();
    public DbSet<MailedCheckpointRow> MailedCheckpoints => Set<MailedCheckpointRow>();
    public DbSet<AgentRow> Agents => Set<AgentRow>();
    public DbSet<OpenIntentRow> OpenIntents => Set<OpenIntentRow>();
    public DbSet<FactRow> Facts => Set<FactRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        // SQLite cannot order or compare a DateTimeOffset; both engines store the same integers. By convention, so that Identity's own columns are covered.
        conventions.Properties<DateTimeOffset>().HaveConversion<UtcMilliseconds>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Person>().ToTable("people");
        builder.Entity<IdentityRole>().ToTable("roles");
        builder.Entity<IdentityUserRole<string>>().ToTable("people_roles");
        builder.Entity<IdentityUserClaim<string>>().ToTable("people_claims");
        builder.Entity<IdentityUserLogin<string>>().ToTable("people_logins");
        builder.Entity<IdentityUserToken<string>>().ToTable("people_tokens");
        builder.Entity<IdentityRoleClaim<string>>().ToTable("role_claims");
        builder.Entity<OneTimeCode>(e =>
        {
            e.ToTable("one_time_codes").HasKey(c => c.Hash);
            e.HasOne<Person>().WithMany().HasForeignKey(c => c.PersonId).OnDelete(DeleteBehavior.Cascade);
            Columns(e, ("Hash", "hash"), ("PersonId", "person_id"), ("ExpiresAt", "expires_at"), ("UsedAt", "used_at"));
        });
        builder.Entity<EnrolmentToken>(e =>
        {
            e.ToTable("enrolment_tokens").HasKey(t => t.Hash);
            Columns(e, ("Hash", "hash"), ("ExpiresAt", "expires_at"), ("UsedAt", "used_at"));
        });
        builder.Entity<ContactRow>(e =>
        {
            e.ToTable("contacts").HasKey(c => c.Id);
            Columns(e, ("Id", "id"), ("Kind", "kind"), ("Name", "name"), ("Function", "function"), ("Roles", "roles"), ("Phones", "phones"), ("OtherChannel", "other_channel"),
                ("Reachable", "reachable"), ("Contract", "contract"), ("Note", "note"), ("TestedAt", "tested_at"), ("TestedBy", "tested_by"));
        });
        Evidence(builder);
        Projections(builder);
    }

    private static void Evidence(ModelBuilder builder)
    {
        builder.Entity<EntryRow>(e =>
        {
            e.ToTable("entries").HasKey(r => r.Seq);
            e.Property(r => r.Seq).ValueGeneratedNever();
            e.HasIndex(r => new { r.KeyId, r.Counter }).IsUnique();
            e.HasIndex(r => new { r.Run, r.Seq }).HasFilter("run IS NOT NULL");
            Columns(e, ("Seq", "seq"), ("Origin", "origin"), ("KeyId", "key_id"), ("Counter", "counter"), ("Type", "type"), ("Run", "run"),
                ("Entry", "entry"), ("Signature", "signature"), ("ReceivedAt", "received_at"), ("Receipt", "receipt"));
        });
        builder.Entity<NodeRow>(e =>
        {
            e.ToTable("nodes").HasKey(n => new { n.Level, n.Index });
            Columns(e, ("Level", "level"), ("Index", "idx"), ("Hash", "hash"));
        });
        builder.Entity<CheckpointRow>(e =>
        {
            e.ToTable("checkpoints").HasKey(c => c.Size);
            e.Property(c => c.Size).ValueGeneratedNever();
            Columns(e, ("Size", "size"), ("Note", "note"));
        });
        builder.Entity<MailedCheckpointRow>(e =>
        {
            e.ToTable("mailed_checkpoints").HasKey(m => m.Size);
            e.Property(m => m.Size).ValueGeneratedNever();
            Columns(e, ("Size", "size"), ("SentAt", "sent_at"));
        });
        builder.Entity<TimeStampRow>(e =>
        {
            e.ToTable("time_stamps").HasKey(t => new { t.Size, t.Authority });
            Columns(e, ("Size", "size"), ("Authority", "authority"), ("Request", "request"), ("Token", "token"), ("At", "at"));
        });
    }

    private static void Projections(ModelBuilder builder)
    {
        builder.Entity<AgentRow>(e =>
        {
            e.ToTable("agents").HasKey(a => a.KeyId);
            e.HasIndex(a => a.Id).IsUnique().HasFilter("revoked_at IS NULL");
            Columns(e, ("KeyId", "key_id"), ("Id", "id"), ("PublicKey", "public_key"), ("EnrolledAt", "enrolled_at"), ("RevokedAt", "revoked_at"));
        });
        builder.Entity<OpenIntentRow>(e =>
        {
            e.ToTable("open_intents").HasKey(i => i.Seq);
            e.Property(i => i.Seq).ValueGeneratedNever();
            e.HasIndex(i => new { i.KeyId, i.Counter }).IsUnique();
            Columns(e, ("Seq", "seq"), ("KeyId", "key_id"), ("Counter", "counter"), ("Origin", "origin"), ("Type", "type"), ("Application", "application"));
        });
        builder.Entity<FactRow>(e =>
        {
            e.ToTable("facts").HasKey(f => f.Seq);
            e.Property(f => f.Seq).ValueGeneratedNever();
            e.HasIndex(f => new { f.Application, f.At });
            // An integer for both engines, as the evidence's plain SQL writes it.
            e.Property(f => f.AlarmRang).HasConversion<long?>();
            Columns(e, ("Seq", "seq"), ("Application", "application"), ("Kind", "kind"), ("Outcome", "outcome"), ("At", "at"), ("Name", "name"), ("Agent", "agent"),
                ("DefinitionHash", "definition_hash"), ("RecoveryTimeMs", "recovery_time_ms"), ("RecoveryPointMs", "recovery_point_ms"), ("Coverage", "coverage"),
                ("AlarmRang", "alarm_rang"), ("ReasonFr", "reason_fr"), ("ReasonEn", "reason_en"));
        });
    }

    // The evidence SQL is written by hand: its column names are said here, not guessed from the properties.
    private static void Columns(Microsoft.EntityFrameworkCore.Metadata.Builders.EntityTypeBuilder entity, params (string Property, string Column)[] names)
    {
        foreach (var (property, column) in names)
        {
            entity.Property(property).HasColumnName(column);
        }
    }
}

internal sealed class SqliteDatabase(DbContextOptions<SqliteDatabase> options) : ServerDatabase(options);

internal sealed class PostgresDatabase(DbContextOptions<PostgresDatabase> options) : ServerDatabase(options);

/// <summary>Instants as whole milliseconds since 1970, UTC.</summary>
internal sealed class UtcMilliseconds() : ValueConverter<DateTimeOffset, long>(at => at.ToUnixTimeMilliseconds(), ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));
