namespace Cluster.Coordinator.Commands;

/// <summary>A switch that is written out, as it is on the command line. No bool: the parser takes no word but true or false for one.</summary>
internal enum OnOff
{
    Off,
    On,
}
