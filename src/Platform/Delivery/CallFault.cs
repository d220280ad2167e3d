using System.Net.Sockets;
using Platform.Outbound;
using Polly.Timeout;

namespace Platform.Delivery;

/// <summary>What can go wrong between us and a customer's server, in a sentence that its owner understands.</summary>
internal static class CallFault
{
    /// <summary>Null for an exception that is no fault of the way: that one is ours.</summary>
    public static string? Describe(Exception fault, TimeSpan timeout) => fault switch
    {
        TimeoutRejectedException or OutboundException { Fault: OutboundFault.TimedOut } =>
            $"The receiver did not answer within {timeout.TotalSeconds:0.##} s.",
        OutboundException refused => refused.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection came about: check the certificate.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "The answer's headers are too large.",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "The answer is not HTTP.",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "The connection was closed before an answer came.",
        HttpRequestException when RootOf(fault) is SocketException socket => $"No connection came about: {socket.SocketErrorCode}.",
        HttpRequestException or IOException => "The connection broke.",
        OperationCanceledException => "The connection was given up.",
        _ => null,
    };

    private static Exception RootOf(Exception fault) => fault.InnerException is { } cause ? RootOf(cause) : fault;
}
