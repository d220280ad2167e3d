namespace Platform.Outbound;

/// <summary>Around every call: the form of its URL, its time and the size of its answer.</summary>
internal sealed class GuardedCalls(HttpMessageHandler inner, OutboundLimits limits, TimeProvider time) : DelegatingHandler(inner)
{
    private static readonly OutboundRefusal Late = new(OutboundFault.TimedOut, "did not answer in time");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (OutboundUrl.FindFault(request.RequestUri) is { } refusal)
        {
            throw new OutboundException(refusal);
        }

        var deadline = new CancellationTokenSource(limits.Total, time);
        BoundedContent? body = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var response = await base.SendAsync(request, either.Token);
            response.Content = body = new BoundedContent(response.Content, limits.MaxResponseBytes, deadline);
            return response;
        }
        catch (OperationCanceledException cause) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(Late, cause);
        }
        catch (HttpRequestException fault) when (fault.InnerException is OutboundException own)
        {
            // The pool wraps what connecting threw.
            throw new OutboundException(own.Refusal, fault);
        }
        finally
        {
            // The deadline runs on with the body, which then owns it.
            if (body is null)
            {
                deadline.Dispose();
            }
        }
    }
}
