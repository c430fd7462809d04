using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>Serves the calls of one method.</summary>
internal sealed class MethodHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodInvoker<TRequest, TResponse> invoke, MethodRegistry registry)
    where TRequest : class
    where TResponse : class
{
    // RFC 9113, section 7: the stream is no longer needed.
    private const int CancelError = 0x8;

    public Task HandleAsync(HttpContext httpContext)
    {
        if (!RequestGuard.TryAccept(httpContext))
            return Task.CompletedTask;

        var request = httpContext.Request.Headers;
        var encoding = request[GrpcProtocol.EncodingHeader].ToString() is { Length: > 0 } given ? given : GrpcProtocol.Identity;
        if (!GrpcProtocol.IsKnownEncoding(encoding))
        {
            httpContext.Response.Headers[GrpcProtocol.AcceptEncodingHeader] = GrpcProtocol.AcceptedEncodings;
            return Refuse(httpContext, StatusCode.Unimplemented, $"The encoding '{encoding}' is not supported.");
        }

        var timeoutText = request[GrpcProtocol.TimeoutHeader].ToString();
        TimeSpan? timeout = null;
        if (timeoutText.Length > 0)
        {
            if (!TimeoutEncoding.TryDecode(timeoutText, out var decoded))
                return Refuse(httpContext, StatusCode.Internal, $"'{timeoutText}' is not a timeout.");
            timeout = decoded;
        }

        return HandleAsync(httpContext, encoding, timeout);
    }

    private static Task Refuse(HttpContext httpContext, StatusCode code, string message)
    {
        ResponseTrailers.SendOnly(httpContext.Response, new Status(code, message));
        return Task.CompletedTask;
    }

    private async Task HandleAsync(HttpContext httpContext, string encoding, TimeSpan? timeout)
    {
        // Streams may be long and slow: the limits of ordinary requests do not hold for them.
        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
            bodySize.MaxRequestBodySize = null;
        if (httpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } dataRate)
            dataRate.MinDataRate = null;
        httpContext.Response.ContentType = GrpcProtocol.ContentType;

        await using var deadline = timeout is { } left
            ? new ServerDeadline(registry.Time, left, httpContext.Request.BodyReader, registry.Logger, httpContext.RequestAborted)
            : null;
        var response = new ServerResponse(httpContext, registry.Options.MaxSendMessageSize);
        var context = new HttpServerCallContext(httpContext, method, response, deadline);
        var reader = new ServerStreamReader<TRequest>(
            httpContext,
            deadline,
            encoding,
            registry.Options.MaxReceiveMessageSize,
            method.RequestMarshaller.ContextualDeserializer);
        var call = new ServerCall<TRequest, TResponse>(context, reader, response, method.ResponseMarshaller.ContextualSerializer);

        var handler = RunAsync(call, deadline);
        if (method.Type != MethodType.Unary && !handler.IsCompleted)
        {
            // Tells the client that the call is taken, before there is anything to say.
            await response.EnsureHeadersAsync(flush: true).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (deadline is not null && await Task.WhenAny(handler, deadline.Passed).ConfigureAwait(false) != handler)
            await EndAtDeadlineAsync(httpContext, response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Whatever happened to the response, the HTTP context must outlive the handler.
        var status = await handler.ConfigureAwait(false);
        await reader.CloseAsync().ConfigureAwait(false);
        await response.CloseAsync(status, context.HasTrailers ? context.ResponseTrailers : Metadata.Empty).ConfigureAwait(false);
    }

    /// <summary>Ends the call for the client although the handler has not returned, and may never.</summary>
    private static async Task EndAtDeadlineAsync(HttpContext httpContext, ServerResponse response)
    {
        if (response.IsWriting)
        {
            // A message is stuck half-way, so trailers cannot follow.
            httpContext.Features.Get<IHttpResetFeature>()?.Reset(CancelError);
            return;
        }

        await response.CloseAsync(DeadlineStatus, Metadata.Empty).ConfigureAwait(false);
        await httpContext.Response.CompleteAsync().ConfigureAwait(false);
    }

    private static Status DeadlineStatus => new(StatusCode.DeadlineExceeded, "The deadline passed.");

    /// <summary>Runs the handler. Never throws.</summary>
    private async Task<Status> RunAsync(ServerCall<TRequest, TResponse> call, ServerDeadline? deadline)
    {
        var context = call.Context;
        try
        {
            await invoke(call).ConfigureAwait(false);
            return deadline is { HasPassed: true } ? DeadlineStatus : context.Status;
        }
        catch (Exception) when (deadline is { HasPassed: true })
        {
            return DeadlineStatus;
        }
        catch (RpcException e)
        {
            foreach (var entry in e.Trailers)
                context.ResponseTrailers.Add(entry);
            return e.Status;
        }
        catch (OperationCanceledException e) when (
            context.CancellationToken.IsCancellationRequested || e.CancellationToken == context.HttpContext.RequestAborted)
        {
            return new Status(StatusCode.Cancelled, "The call was cancelled.");
        }
        catch (Exception e)
        {
            // What went wrong is the server's business: the client gets no text of the exception.
            Log.HandlerFailed(registry.Logger, method.FullName, e);
            return new Status(StatusCode.Unknown, "The handler failed.");
        }
    }
}
