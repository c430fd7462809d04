namespace Grpc.Core;

/// <summary>The request stream of a client's call.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Half-closes: no message follows, responses may still come.</summary>
    Task CompleteAsync();
}
