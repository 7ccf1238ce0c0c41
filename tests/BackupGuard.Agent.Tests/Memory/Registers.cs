using BackupGuard.Agent.Memory;
using BackupGuard.Verification.Checks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Memory;

public sealed class Registers : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("bg-register-").FullName;

    private string Register => Path.Combine(folder, "register.json");

    [Fact]
    public void A_register_comes_back_as_it_was_kept()
    {
        var register = new CopyRegister
        {
            RepositoryId = "id",
            Snapshots = [new SeenSnapshot("a", Now, Now, null, false), new SeenSnapshot("b", null, Now, Now.AddDays(1), true)],
            Keys = [new SeenKey("k", "u@h", Now)],
            Acceptances = [new Acceptance(Now, "dupont", "été")],
        };
        RegisterFile.Save(Register, register);
        RegisterFile.Load(Register).Should().BeEquivalentTo(register);
    }

    [Fact]
    public void No_register_yet_is_no_error() => RegisterFile.Load(Register).Should().BeNull();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"schema\":\"backupguard.register/v2\",\"register\":{\"repositoryId\":\"x\"}}")]
    [InlineData("{\"schema\":\"backupguard.register/v1\",\"register\":{\"repositoryId\":\"x\",\"extra\":1}}")]
    [InlineData("{\"schema\":\"backupguard.register/v1\",\"register\":null}")]
    public void What_is_no_register_is_never_taken_for_a_first_look(string content)
    {
        File.WriteAllText(Register, content);
        ((Action)(() => RegisterFile.Load(Register))).Should().Throw<InvalidDataException>();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
