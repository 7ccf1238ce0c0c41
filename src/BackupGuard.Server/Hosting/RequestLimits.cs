using System.Threading.RateLimiting;

namespace BackupGuard.Server.Hosting;

/// <summary>Guesses per minute and address where a secret is asked for.</summary>
internal static class RequestLimits
{
    public const string SecretPolicy = "secret";
    public const int GuessesPerMinute = 20;

    public static void AddRequestLimits(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (rejected, _) =>
        {
            var answer = Problems.IsApi(rejected.HttpContext.Request.Path)
                ? Problems.Of(StatusCodes.Status429TooManyRequests, "BG2129", "Too many attempts", "Too many attempts from this address in one minute. Wait a minute, then try again.")
                : Results.Text(
                    "Trop d’essais depuis ce poste en une minute. Attendez une minute, puis réessayez.\n\nToo many attempts from this address in one minute. Wait a minute, then try again.\n",
                    statusCode: StatusCodes.Status429TooManyRequests);
            await answer.ExecuteAsync(rejected.HttpContext);
        };
        options.AddPolicy(SecretPolicy, context => RateLimitPartition.GetFixedWindowLimiter(
            $"{context.Request.Path} {context.Connection.RemoteIpAddress}",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = GuessesPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
    });
}
