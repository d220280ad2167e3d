using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Platform.Tests.Scenarios;

/// <summary>How the platform under a story is put together.</summary>
public enum Mode
{
    /// <summary>One process with a private database and messages in memory.</summary>
    Embedded,

    /// <summary>An api, two workers and a scheduler in processes of their own, over RabbitMQ and PostgreSQL.</summary>
    Distributed,
}

/// <summary>Runs a story in both modes; the arguments follow the mode.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class BothModesAttribute(params object?[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<Mode>().Select(mode => new TheoryDataRow([mode, .. arguments]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
