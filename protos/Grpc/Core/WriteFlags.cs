namespace Grpc.Core;

/// <summary>Hints for one write.</summary>
[Flags]
public enum WriteFlags
{
    None = 0,

    /// <summary>The message may wait in a buffer until a later one without this flag.</summary>
    BufferHint = 1,

    /// <summary>Do not compress. Nothing is compressed on send here.</summary>
    NoCompress = 2,
}
