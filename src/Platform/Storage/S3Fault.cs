using Amazon.Runtime;

namespace Platform.Storage;

/// <summary>Makes what the SDK throws into the one kind of failure that a store has.</summary>
internal static class S3Fault
{
    /// <exception cref="IOException">The store refused, or could not be reached in time.</exception>
    public static async Task<T> MapAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException fault)
        {
            throw new IOException(Describe(fault), fault);
        }
        catch (Exception fault) when (fault is AmazonClientException or HttpRequestException or TimeoutException)
        {
            throw new IOException($"The store cannot be reached: {fault.Message}", fault);
        }
        catch (InvalidOperationException fault) when (fault.TargetSite?.DeclaringType?.Namespace?.StartsWith("Amazon", StringComparison.Ordinal) == true)
        {
            // How the SDK says that it cannot take a role that the machine or the pod offers it.
            throw new IOException($"The store's credentials cannot be had: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (fault.InnerException is TimeoutException)
        {
            // How an HttpClient says that its time was over.
            throw new IOException("The store did not answer in time.", fault);
        }
    }

    private static string Describe(AmazonServiceException fault) => (int)fault.StatusCode == 0
        ? $"The store cannot be reached: {fault.InnerException?.Message ?? fault.Message}"
        : $"The store answered {(int)fault.StatusCode} {fault.ErrorCode}: {fault.Message}";
}
