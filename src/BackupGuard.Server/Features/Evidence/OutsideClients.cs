namespace BackupGuard.Server.Features.Evidence;

internal static class OutsideClients
{
    /// <summary>An HTTP client for somebody outside whom the policy names: only the addresses of the policy are spoken to, and little is listened to.</summary>
    public static void AddOutsideClient(this IServiceCollection services, string name, long mostBytes) => services
        .AddHttpClient(name, c =>
        {
            c.Timeout = TimeSpan.FromSeconds(20);
            c.MaxResponseContentBufferSize = mostBytes;
        })
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        .RemoveAllLoggers();
}
