/** Icons of working offline. */
import { CloudOff, HardDriveDownload } from 'lucide-react';
import { icon } from '../ui/icons.tsx';

export const OfflineIcon = icon(CloudOff);
/** On this device. */
export const KeptIcon = icon(HardDriveDownload);
