using Platform.Tests.Crash;
using Platform.Tests.Scenarios;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Platform.Tests.Fixtures.LongestFirst))]

namespace Platform.Tests.Fixtures;

/// <summary>
/// The collections whose tests follow one another for many minutes begin at once, the others beside them. In whatever order they came they would
/// now and then begin last, and one core would wait for them a third of the run.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [Stories.Name, Crashes.Name];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static one => Array.IndexOf(Long, one.TestCollectionDisplayName) is >= 0 and var place ? place : Long.Length)];
}
