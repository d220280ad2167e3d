using Platform.Tests.Fixtures;
using Xunit;

[assembly: AssemblyFixture(typeof(TestRabbit))]

namespace Platform.Tests.Fixtures;

/// <summary>
/// The RabbitMQ of this test run: the one <c>PLATFORM_TEST_RABBITMQ</c> names (an amqp URI), else a private node that starts
/// with the first test that asks. Shared, so tests name their queues uniquely; a test that stops its broker takes a
/// <see cref="RabbitNode"/> of its own.
/// </summary>
public sealed class TestRabbit : IAsyncDisposable
{
    private readonly Lazy<Task<RabbitNode>> own = new(static () => RabbitNode.StartNewAsync());

    internal async Task<Uri> GetUriAsync()
    {
        var given = Environment.GetEnvironmentVariable("PLATFORM_TEST_RABBITMQ");
        return string.IsNullOrEmpty(given) ? (await own.Value).Uri : new Uri(given);
    }

    public async ValueTask DisposeAsync()
    {
        // A node that failed to start has told its story to the tests and cleaned up after itself.
        if (own.IsValueCreated && own.Value.IsCompletedSuccessfully)
        {
            await (await own.Value).DisposeAsync();
        }
    }
}
