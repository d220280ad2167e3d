namespace Platform.Engines.DashScope;

/// <summary>Where the provider is, by region. Keys belong to one region.</summary>
internal static class DashScopeRegions
{
    /// <summary>The address that every path begins with: the instance's own, its workspace's, or its region's.</summary>
    public static string BaseOf(EngineInstance instance) => instance switch
    {
        { Url.Length: > 0 } => instance.Url.TrimEnd('/'),
        { Workspace.Length: > 0, Region: DashScopeModel.Singapore } => $"https://{instance.Workspace}.ap-southeast-1.maas.aliyuncs.com",
        { Workspace.Length: > 0 } => $"https://{instance.Workspace}.cn-beijing.maas.aliyuncs.com",
        { Region: DashScopeModel.Singapore } => "https://dashscope-intl.aliyuncs.com",
        _ => "https://dashscope.aliyuncs.com",
    };

    /// <summary>What is wrong with an instance's settings, each completing "Engines:Instances:NAME".</summary>
    public static IEnumerable<string> FindFaults(EngineInstance instance)
    {
        if (instance.Region is not (DashScopeModel.Beijing or DashScopeModel.Singapore))
        {
            yield return $":Region must be {DashScopeModel.Beijing} or {DashScopeModel.Singapore}: it decides the host and the models";
        }

        if (instance.ApiKey.Length == 0)
        {
            yield return ":ApiKey is missing: give it the provider's key of that region";
        }

        if (instance.Url.Length > 0 && EngineKinds.FindFaultOfUrl(instance) is { } url)
        {
            yield return url;
        }

        if (instance.Workspace.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter != '-'))
        {
            yield return ":Workspace holds letters, digits and hyphens, as the provider's console shows it";
        }

        foreach (var air in instance.Serves)
        {
            if (DashScopeModels.Find(air) is not { } model)
            {
                yield return $":Serves names {air}, which this provider does not have. It has {string.Join(", ", DashScopeModels.Airs)}";
            }
            else if (!model.Regions.Contains(instance.Region, StringComparer.Ordinal))
            {
                yield return $":Serves names {air}, which the region {instance.Region} does not have";
            }
        }
    }
}
