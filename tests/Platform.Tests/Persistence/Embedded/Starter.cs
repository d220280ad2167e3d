using Microsoft.Extensions.Logging;
using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

/// <summary>Starts databases for tests and keeps what they log.</summary>
internal sealed class Starter
{
    public MessageLog Log { get; } = new();

    public async Task<EmbeddedPostgres> StartAsync(string folder, Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null)
    {
        var options = new EmbeddedPostgresOptions { DataFolder = folder };
        await Needed.PostgresAsync();
        return await EmbeddedPostgres.StartAsync(change?.Invoke(options) ?? options, Log, TestContext.Current.CancellationToken);
    }

    internal sealed class MessageLog : ILogger
    {
        private readonly List<string> messages = [];

        public IReadOnlyList<string> Messages
        {
            get
            {
                lock (messages)
                {
                    return [.. messages];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (messages)
            {
                messages.Add(formatter(state, exception));
            }
        }
    }
}
